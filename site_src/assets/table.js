// Makes tables sortable, filterable and downloadable, with a choice of columns. Without this script
// a table shows all of its columns, in the order of the page.
(function () {
  "use strict";

  const make = window.atlasMake;
  const FORMULA = /^[=+\-@\t\r]/;

  // The columns of a table, and its rows with raw values, for sorting, filtering and download. A
  // missing number is null.
  function read(table) {
    const columns = [...table.tHead.rows[0].cells].map((head) => {
      const title = head.querySelector(".atlas-grid__title") ?? head;
      const { key, kind, unit = "" } = head.dataset;
      const shownUnit = head.querySelector(".atlas-grid__unit")?.textContent;
      return { head, title, key, unit, name: title.textContent, number: kind === "number", shownUnit };
    });
    const rows = [...table.tBodies[0].rows].map((row) => ({
      row,
      text: row.textContent.toLowerCase(),
      values: columns.map(({ number }, index) => {
        const cell = row.cells[index];
        const raw = cell.dataset.value ?? (number ? null : cell.textContent.trim());
        return raw !== null && number ? Number(raw) : raw;
      }),
    }));
    return { columns, rows };
  }

  // Missing values come last in either direction.
  function compare(a, b, direction) {
    if (a === null || b === null) {
      return (a === null) - (b === null);
    }
    return direction * (typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true }));
  }

  function makeSortable(table, { columns, rows }) {
    columns.forEach(({ head, title, number }, index) => {
      const button = make("button", { type: "button" }, ...title.childNodes);
      title.append(button);
      button.addEventListener("click", () => {
        // Initial direction: names ascending, numbers descending.
        const sorted = head.getAttribute("aria-sort");
        const ascending = sorted ? sorted !== "ascending" : !number;
        columns.forEach((other) => other.head.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
        rows.sort((a, b) => compare(a.values[index], b.values[index], ascending ? 1 : -1));
        table.tBodies[0].append(...rows.map(({ row }) => row));
      });
    });
  }

  // A list of all the values of a column; the empty choice means all.
  function makeChoice({ columns, rows }, index) {
    const said = new Map(rows.map(({ row, values }) => [values[index], row.cells[index].textContent]));
    const found = [...said.keys()].filter((value) => value !== null).sort((a, b) => compare(a, b, 1));
    const options = found.map((value) => make("option", { value, textContent: said.get(value).trim() }));
    const all = make("option", { value: "", textContent: `${columns[index].name}: all` });
    const ariaLabel = `Filter by ${columns[index].name}`;
    const select = make("select", { ariaLabel }, all, ...options);
    return { select, index };
  }

  // Shows the rows that contain every word, and the chosen value of every column with choices.
  function makeFilter(model) {
    const { columns, rows } = model;
    const choices = columns.flatMap(({ head }, index) =>
      "choices" in head.dataset ? [makeChoice(model, index)] : [],
    );
    const status = make("span", { className: "atlas-quiet", role: "status" });
    const input = make("input", { type: "search", placeholder: "Filter rows", ariaLabel: "Filter rows" });
    const controls = [input, ...choices.map(({ select }) => select)];
    const update = () => {
      const words = input.value.toLowerCase().split(/\s+/);
      for (const { row, text, values } of rows) {
        const chosen = choices.every(({ select, index }) => !select.value || values[index] === select.value);
        row.hidden = !(chosen && words.every((word) => text.includes(word)));
      }
      const counts = [rows.filter(({ row }) => !row.hidden), rows].map((some) => some.length.toLocaleString("en"));
      status.textContent = controls.some(({ value }) => value) ? `${counts[0]} of ${counts[1]} rows` : "";
    };
    controls.forEach((control) => control.addEventListener("input", update));
    return { controls, status };
  }

  function makeChooser(table, { columns }) {
    const boxes = columns.slice(1).map(({ head, name, shownUnit }, place) => {
      const box = make("input", { type: "checkbox", checked: !("hidden" in head.dataset) });
      box.addEventListener("change", () => {
        for (const row of table.rows) {
          row.cells[place + 1].toggleAttribute("data-hidden", !box.checked);
        }
      });
      return make("label", { title: head.title }, box, shownUnit ? ` ${name} (${shownUnit})` : ` ${name}`);
    });
    const legend = make("legend", { className: "atlas-unseen", textContent: "Columns shown" });
    const summary = make("summary", { textContent: "Columns" });
    const details = make("details", {}, summary, make("fieldset", {}, legend, ...boxes));
    details.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        details.open = false;
        summary.focus();
      }
    });
    document.addEventListener("click", (event) => {
      details.open &&= details.contains(event.target);
    });
    return details;
  }

  function toCsv(chosen, rows) {
    const field = (value) => {
      const text = typeof value === "string" && FORMULA.test(value) ? `'${value}` : `${value ?? ""}`;
      return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    const head = chosen.map(({ key, unit }) => (unit ? `${key} [${unit}]` : key));
    return [head, ...rows].map((row) => row.map(field).join(",") + "\n").join("");
  }

  function toJson(chosen, rows) {
    const records = rows.map((row) => Object.fromEntries(chosen.map(({ key }, n) => [key, row[n]])));
    return JSON.stringify(records, null, 1) + "\n";
  }

  // Downloads the visible rows and columns, raw, in their current order.
  function makeDownload({ columns, rows }, name, suffix, type, convert) {
    const button = make("button", { type: "button", textContent: `Download ${suffix.toUpperCase()}` });
    button.title = "The rows and columns that are shown";
    button.addEventListener("click", () => {
      const isChosen = columns.map(({ head }) => !("hidden" in head.dataset));
      const values = rows.filter(({ row }) => !row.hidden).map((one) => one.values.filter((_, n) => isChosen[n]));
      const content = convert(columns.filter((_, n) => isChosen[n]), values);
      const href = URL.createObjectURL(new Blob([content], { type }));
      make("a", { href, download: `${name}.${suffix}` }).click();
      setTimeout(() => URL.revokeObjectURL(href), 0);
    });
    return button;
  }

  for (const place of document.querySelectorAll("[data-atlas-table]")) {
    const table = place.querySelector("table");
    const name = place.dataset.atlasTable;
    const model = read(table);
    const { controls, status } = makeFilter(model);
    makeSortable(table, model);
    const csv = makeDownload(model, name, "csv", "text/csv", toCsv);
    const json = makeDownload(model, name, "json", "application/json", toJson);
    const bar = make("div", { className: "atlas-bar" }, ...controls);
    bar.append(makeChooser(table, model), csv, json, status);
    place.prepend(bar);
  }
})();
