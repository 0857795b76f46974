// Makes tables sortable, filterable and downloadable, and lets their columns be chosen.
// A table works without this: all of its columns are there, in the order of the page.
(function () {
  "use strict";

  const FORMULA = /^[=+\-@\t\r]/;

  function make(tag, properties, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  // The raw value of a cell: what is sorted and downloaded. A missing one is null.
  function valueOf(cell, kind) {
    const raw = cell.dataset.value ?? (kind === "number" ? null : cell.textContent.trim());
    return raw !== null && kind === "number" ? Number(raw) : raw;
  }

  function columnsOf(table) {
    return [...table.tHead.rows[0].cells].map((head, index) => ({
      head,
      index,
      key: head.dataset.key,
      kind: head.dataset.kind,
      unit: head.dataset.unit || "",
      title: head.querySelector(".atlas-grid__title")?.textContent ?? head.textContent,
    }));
  }

  // Missing values come last, whichever the direction.
  function compare(a, b, direction) {
    if (a === null || b === null) {
      return (a === null) - (b === null);
    }
    const order = typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });
    return direction * order;
  }

  function makeSortable(table, columns) {
    for (const column of columns) {
      const label = column.head.querySelector(".atlas-grid__title") ?? column.head;
      const button = make("button", { type: "button" }, ...label.childNodes);
      label.append(button);
      button.addEventListener("click", () => {
        // Of names, the first come first; of numbers, the largest.
        const sorted = column.head.getAttribute("aria-sort");
        const ascending = sorted ? sorted !== "ascending" : column.kind !== "number";
        columns.forEach((other) => other.head.removeAttribute("aria-sort"));
        column.head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
        const body = table.tBodies[0];
        const keyed = [...body.rows].map((row) => [valueOf(row.cells[column.index], column.kind), row]);
        keyed.sort(([a], [b]) => compare(a, b, ascending ? 1 : -1));
        body.append(...keyed.map(([, row]) => row));
      });
    }
  }

  // A list of all the values of a column; the empty choice is all of them.
  function makeChoice(table, column) {
    const values = [...table.tBodies[0].rows].map((row) => valueOf(row.cells[column.index], column.kind));
    const sorted = [...new Set(values)].filter((value) => value !== null);
    sorted.sort((a, b) => compare(a, b, 1));
    const all = make("option", { value: "", textContent: `${column.title}: all` });
    const said = new Map(values.map((value, row) => [value, table.tBodies[0].rows[row].cells[column.index]]));
    const options = sorted.map((value) =>
      make("option", { value, textContent: said.get(value).textContent.trim() }),
    );
    const select = make("select", {}, all, ...options);
    select.setAttribute("aria-label", `Filter by ${column.title}`);
    return { select, values };
  }

  // Rows that hold every word, and the chosen value of every column that has choices.
  function makeFilter(table, columns) {
    const rows = [...table.tBodies[0].rows];
    const texts = rows.map((row) => row.textContent.toLowerCase());
    const choices = columns
      .filter((column) => "choices" in column.head.dataset)
      .map((column) => makeChoice(table, column));
    const status = make("span", { className: "atlas-quiet" });
    status.setAttribute("role", "status");
    const input = make("input", { type: "search", placeholder: "Filter rows" });
    input.setAttribute("aria-label", "Filter rows");
    const update = () => {
      const words = input.value.toLowerCase().split(/\s+/);
      rows.forEach((row, n) => {
        const said = words.every((word) => texts[n].includes(word));
        const chosen = choices.every(({ select, values }) => !select.value || values[n] === select.value);
        row.hidden = !(said && chosen);
      });
      const shown = rows.filter((row) => !row.hidden).length;
      const filtered = input.value || choices.some(({ select }) => select.value);
      const counts = [shown, rows.length].map((count) => count.toLocaleString("en"));
      status.textContent = filtered ? `${counts[0]} of ${counts[1]} rows` : "";
    };
    input.addEventListener("input", update);
    choices.forEach(({ select }) => select.addEventListener("change", update));
    return [input, ...choices.map(({ select }) => select), status];
  }

  function makeChooser(table, columns) {
    const boxes = columns.slice(1).map((column) => {
      const box = make("input", { type: "checkbox", checked: !("hidden" in column.head.dataset) });
      box.addEventListener("change", () => {
        for (const row of table.rows) {
          row.cells[column.index].toggleAttribute("data-hidden", !box.checked);
        }
      });
      const unit = column.head.querySelector(".atlas-grid__unit")?.textContent;
      const label = unit ? ` ${column.title} (${unit})` : ` ${column.title}`;
      return make("label", { title: column.head.title }, box, label);
    });
    const legend = make("legend", { className: "atlas-unseen", textContent: "Columns shown" });
    const details = make(
      "details",
      {},
      make("summary", { textContent: "Columns" }),
      make("fieldset", {}, legend, ...boxes),
    );
    details.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        details.open = false;
        details.querySelector("summary").focus();
      }
    });
    document.addEventListener("click", (event) => {
      if (!details.contains(event.target)) {
        details.open = false;
      }
    });
    return details;
  }

  // The rows and columns that are shown, raw, in the order in which they stand.
  function shown(table, columns) {
    const chosen = columns.filter((column) => !("hidden" in column.head.dataset));
    const rows = [...table.tBodies[0].rows].filter((row) => !row.hidden);
    return {
      chosen,
      rows: rows.map((row) => chosen.map((column) => valueOf(row.cells[column.index], column.kind))),
    };
  }

  function toCsv({ chosen, rows }) {
    const field = (value) => {
      const text = typeof value === "string" && FORMULA.test(value) ? `'${value}` : `${value ?? ""}`;
      return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    const head = chosen.map(({ key, unit }) => (unit ? `${key} [${unit}]` : key));
    return [head, ...rows].map((row) => row.map(field).join(",") + "\n").join("");
  }

  function toJson({ chosen, rows }) {
    const records = rows.map((row) =>
      Object.fromEntries(chosen.map(({ key }, index) => [key, row[index]])),
    );
    return JSON.stringify(records, null, 1) + "\n";
  }

  function makeDownload(table, columns, name, suffix, type, convert) {
    const button = make("button", { type: "button", textContent: `Download ${suffix.toUpperCase()}` });
    button.title = "The rows and columns that are shown";
    button.addEventListener("click", () => {
      const blob = new Blob([convert(shown(table, columns))], { type });
      const link = make("a", { href: URL.createObjectURL(blob), download: `${name}.${suffix}` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 0);
    });
    return button;
  }

  for (const place of document.querySelectorAll("[data-atlas-table]")) {
    const table = place.querySelector("table");
    const name = place.dataset.atlasTable;
    const columns = columnsOf(table);
    const filters = makeFilter(table, columns);
    const status = filters.pop();
    makeSortable(table, columns);
    place.prepend(
      make(
        "div",
        { className: "atlas-bar" },
        ...filters,
        makeChooser(table, columns),
        makeDownload(table, columns, name, "csv", "text/csv", toCsv),
        makeDownload(table, columns, name, "json", "application/json", toJson),
        status,
      ),
    );
  }
})();
