// Makes tables sortable, filterable and downloadable, with a choice of columns and of rows. What is
// chosen in a page's main table, that of members or the first, is kept in its address. Without this
// script a table shows all of its columns, in the order of the page.
(function () {
  "use strict";

  const make = window.atlasMake;
  const address = window.atlasAddress;
  const source = window.atlasTableRows;

  function columnsOf(table) {
    return [...[...table.tHead.rows].at(-1).cells].map((head) => {
      const title = head.querySelector(".atlas-grid__title") ?? head;
      const { key, kind, unit = "", group = "" } = head.dataset;
      const shownUnit = head.querySelector(".atlas-grid__unit")?.textContent;
      return { head, title, key, unit, group, name: title.textContent, number: kind === "number", shownUnit };
    });
  }

  // Missing values come last in either direction.
  function compare(a, b, direction) {
    if (a === null || b === null) {
      return (a === null) - (b === null);
    }
    return direction * (typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true }));
  }

  function makeSortable({ columns, rows, view }, remember) {
    const sort = (index, ascending) => {
      columns.forEach(({ head }) => head.removeAttribute("aria-sort"));
      columns[index].head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      rows.sort((a, b) => compare(a.values[index], b.values[index], ascending ? 1 : -1));
      view.sorted();
    };
    columns.forEach(({ head, title, key, number }, index) => {
      const button = make("button", { type: "button" }, ...title.childNodes);
      title.append(button);
      button.addEventListener("click", () => {
        // Initial direction: names ascending, numbers descending.
        const sorted = head.getAttribute("aria-sort");
        const ascending = sorted ? sorted !== "ascending" : !number;
        sort(index, ascending);
        remember("sort", ascending ? key : `-${key}`);
      });
    });
    return (kept) => {
      const index = columns.findIndex(({ key }) => key === kept.replace(/^-/, ""));
      if (index >= 0) {
        sort(index, !kept.startsWith("-"));
      }
    };
  }

  // A list of all the values of a column; the empty choice means all.
  function makeChoice({ columns, rows }, index) {
    const said = new Map(rows.map(({ texts, values }) => [values[index], texts[index]]));
    const found = [...said.keys()].filter((value) => value !== null).sort((a, b) => compare(a, b, 1));
    const options = found.map((value) => make("option", { value, textContent: said.get(value).trim() }));
    const all = make("option", { value: "", textContent: `${columns[index].name}: all` });
    const ariaLabel = `Filter by ${columns[index].name}`;
    const select = make("select", { ariaLabel }, all, ...options);
    return { select, index };
  }

  // A table beside the page's main one follows the choice for all figures, once a reader chose.
  function followControl(select, control, key) {
    const follow = () => {
      const isKnown = [...select.options].some(({ value }) => value === control.value);
      select.value = isKnown ? control.value : "";
      select.dispatchEvent(new Event("change"));
    };
    control.addEventListener("change", follow);
    if (address.get(key)) {
      follow();
    }
  }

  // Shows the rows that contain every word, and the chosen value of every column with choices.
  function makeFilter(model, isMain, remember) {
    const { columns, rows, view } = model;
    rows.forEach((row) => (row.searched = row.texts.join(" ").toLowerCase()));
    const choices = columns
      .flatMap(({ head }, index) => ("choices" in head.dataset ? [makeChoice(model, index)] : []))
      // Where all rows have the same value there is nothing to choose.
      .filter(({ select }) => select.options.length > 2);
    const status = make("span", { className: "atlas-quiet", role: "status" });
    const input = make("input", { type: "search", placeholder: "Filter rows", ariaLabel: "Filter rows" });
    const controls = [input, ...choices.map(({ select }) => select)];
    const update = () => {
      const words = input.value.toLowerCase().split(/\s+/);
      for (const row of rows) {
        const chosen = choices.every(
          ({ select, index }) => !select.value || `${row.values[index]}` === select.value,
        );
        row.out = !(chosen && words.every((word) => row.searched.includes(word)));
      }
      view.filtered();
      const counts = [rows.filter(({ out }) => !out), rows].map((some) => some.length.toLocaleString("en"));
      status.textContent = controls.some(({ value }) => value) ? `${counts[0]} of ${counts[1]} rows` : "";
    };
    input.addEventListener("input", () => {
      update();
      remember("filter", input.value);
    });
    for (const { select, index } of choices) {
      select.addEventListener("change", update);
      const control = document.querySelector(`[data-atlas-choice="${columns[index].key}"]`);
      if (control && !isMain) {
        followControl(select, control, columns[index].key);
      }
      if (isMain) {
        address.bind(columns[index].key, select);
      }
    }
    const restore = (kept) => {
      input.value = kept;
      update();
    };
    return { controls, status, restore };
  }

  const isShown = ({ head }) => !("hidden" in head.dataset);

  // The titles of groups of columns span those that are shown.
  function spanGroups(table, columns) {
    for (const head of table.querySelectorAll("thead [data-spans]")) {
      const count = columns.filter((one) => one.group === head.dataset.spans && isShown(one)).length;
      head.colSpan = count || 1;
      head.toggleAttribute("data-hidden", !count);
    }
  }

  function makeChooser(table, { columns, view }, remember) {
    const standard = columns.filter(isShown).map(({ key }) => key);
    const show = (place, isChosen) => {
      for (const row of table.querySelectorAll("tbody tr, thead tr:last-child")) {
        row.cells[place].toggleAttribute("data-hidden", !isChosen);
      }
      view.columns();
    };
    const boxes = columns.map((column, place) => {
      const box = make("input", { type: "checkbox", checked: isShown(column) });
      box.addEventListener("change", () => {
        show(place, box.checked);
        spanGroups(table, columns);
        const shown = columns.filter(isShown).map(({ key }) => key).join();
        remember("columns", shown === standard.join() ? "" : shown);
      });
      return box;
    });
    const legend = make("legend", { className: "atlas-unseen", textContent: "Columns shown" });
    const fields = make("fieldset", {}, legend);
    columns.slice(1).forEach(({ head, name, group, shownUnit }, place) => {
      if (group && group !== columns[place].group) {
        fields.append(make("strong", { textContent: group }));
      }
      const text = shownUnit ? ` ${name} (${shownUnit})` : ` ${name}`;
      fields.append(make("label", { title: head.title }, boxes[place + 1], text));
    });
    const summary = make("summary", { textContent: "Columns" });
    const details = make("details", {}, summary, fields);
    details.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        details.open = false;
        summary.focus();
      }
    });
    document.addEventListener("click", (event) => {
      details.open &&= details.contains(event.target);
    });
    const restore = (kept) => {
      const keys = kept.split(",");
      if (columns.some(({ key }, place) => place && keys.includes(key))) {
        columns.slice(1).forEach(({ key }, place) => {
          boxes[place + 1].checked = keys.includes(key);
          show(place + 1, keys.includes(key));
        });
      }
      spanGroups(table, columns);
    };
    return { details, restore };
  }

  // A box at the name of each row; two or more lead to a page that shows them side by side.
  function makePicker(place, { rows }) {
    const page = place.dataset.atlasPick;
    const link = make("a", { className: "atlas-bar__link", hidden: true });
    const picked = [];
    for (const { element: row } of rows) {
      const [head] = row.cells;
      const name = head.textContent.trim();
      const box = make("input", { type: "checkbox", ariaLabel: `Choose ${name} to compare`, title: "Compare" });
      box.addEventListener("change", () => {
        if (box.checked) {
          picked.push(row.dataset.id);
        } else {
          picked.splice(picked.indexOf(row.dataset.id), 1);
        }
        link.hidden = picked.length < 2;
        link.href = `${page}?networks=${picked.join()}`;
        link.textContent = `Compare ${picked.length} side by side`;
      });
      head.prepend(box);
    }
    return link;
  }

  function toCsv(chosen, rows) {
    return window.atlasCsv([chosen.map(({ key, unit }) => (unit ? `${key} [${unit}]` : key)), ...rows]);
  }

  function toJson(chosen, rows) {
    const records = rows.map((row) => Object.fromEntries(chosen.map(({ key }, n) => [key, row[n]])));
    return JSON.stringify(records, null, 1) + "\n";
  }

  // Downloads the visible rows and columns, raw, in their current order.
  function makeDownload({ columns, rows }, name, suffix, type, convert) {
    const button = make("button", { type: "button", textContent: suffix.toUpperCase(), ariaLabel: `Download ${suffix.toUpperCase()}` });
    button.title = "The rows and columns that are shown";
    button.addEventListener("click", () => {
      const isChosen = columns.map(isShown);
      const values = rows.filter(({ out }) => !out).map((one) => one.values.filter((_, n) => isChosen[n]));
      const content = convert(columns.filter((_, n) => isChosen[n]), values);
      window.atlasSave(`${name}.${suffix}`, new Blob([content], { type }));
    });
    return button;
  }

  // On a narrow screen one line is the search, and this button shows the other controls.
  function makeMore() {
    const looks = { type: "button", className: "atlas-bar__more", textContent: "More", ariaExpanded: "false" };
    const button = make("button", { ...looks, ariaLabel: "More about the rows and columns shown" });
    button.addEventListener("click", () => {
      button.ariaExpanded = String(button.ariaExpanded !== "true");
    });
    return button;
  }

  // Adds the controls of the table at a place; what is chosen in the page's main table is kept.
  async function set(place, isMain) {
    const table = place.querySelector("table");
    const [body] = table.tBodies;
    const { atlasTable: name, atlasRows: key, atlasPick: pick } = place.dataset;
    const columns = columnsOf(table);
    const rows = key ? await source.ofScript(key) : source.ofPage(body, columns);
    const model = { columns, rows };
    model.view = key ? source.windowOf(body, model, place.querySelector("[data-atlas-window]")) : source.viewOf(body, model);
    const remember = isMain ? (key, value) => address.set(key, value) : () => {};
    const { controls, status, restore: filter } = makeFilter(model, isMain, remember);
    const { details, restore: choose } = makeChooser(table, model, remember);
    const sort = makeSortable(model, remember);
    const csv = makeDownload(model, name, "csv", "text/csv", toCsv);
    const json = makeDownload(model, name, "json", "application/json", toJson);
    const [search, ...chosen] = controls;
    const rest = make("span", { className: "atlas-bar__rest" }, ...chosen, details, csv, json);
    const bar = make("div", { className: "atlas-bar" }, search, makeMore(), rest, status);
    if (pick && !key) {
      bar.append(makePicker(place, model));
    }
    const kept = (key) => (isMain ? address.get(key) : "");
    filter(kept("filter"));
    choose(kept("columns"));
    sort(kept("sort"));
    place.prepend(bar);
    model.view.reveal();
  }

  // Where the rows of a long table cannot be read, its first ones stay.
  const places = [...document.querySelectorAll("[data-atlas-table]")];
  const main = places.find(({ dataset }) => "atlasMembers" in dataset) ?? places[0];
  for (const place of places) {
    set(place, place === main).catch((error) => console.warn(`table ${place.dataset.atlasTable}: ${error}`));
  }
})();
