// The rows of a table for `table.js`: those in the page or, of a long table, those in the page's
// script, of which a window is shown at a time. A row has raw `values`, by column, the `texts` of its
// cells, and says whether it is `out`: filtered out. A missing number is null.
window.atlasTableRows = (function () {
  "use strict";

  const make = window.atlasMake;
  const WINDOW = 100;

  function ofPage(body, columns) {
    return [...body.rows].map((element) => ({
      element,
      texts: [...element.cells].map((cell) => cell.textContent),
      values: columns.map(({ number }, index) => {
        const cell = element.cells[index];
        const raw = cell.dataset.value ?? (number ? null : cell.textContent.trim());
        return raw !== null && number ? Number(raw) : raw;
      }),
    }));
  }

  const withoutTags = (content) =>
    content.replace(/<[^>]*>/g, "").replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(code));

  async function ofScript(key) {
    await window.atlasLoad(window.atlasOwnScript(".rows.js"));
    const bytes = Uint8Array.from(atob(window.atlasRows[key]), (sign) => sign.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const packed = JSON.parse(await new Response(stream).text());
    const columns = packed.map(([values, contents, places]) => [values, contents, contents.map(withoutTags), places]);
    return columns[0][3].map((_, row) => {
      const [values, contents, texts] = [0, 1, 2].map((part) => columns.map((one) => one[part][one[3][row]]));
      return { values, contents, texts };
    });
  }

  // The element of a row that is not in the page: like the first one there.
  function element({ values, contents }, pattern, columns) {
    const row = make("tr", {}, ...[...pattern.cells].map((cell) => cell.cloneNode(false)));
    [...row.cells].forEach((cell, place) => {
      delete cell.dataset.value;
      cell.innerHTML = contents[place];
      cell.removeAttribute("title");
      if (values[place] === null) {
        cell.title = cell.textContent.replace(/^\S+ /, "");
      }
      cell.toggleAttribute("data-hidden", "hidden" in columns[place].head.dataset);
    });
    return row;
  }

  // What shows the rows of a table in their order, without those that are out.
  function viewOf(body, { rows }) {
    return {
      sorted: () => body.append(...rows.map((row) => row.element)),
      filtered: () => rows.forEach((row) => (row.element.hidden = row.out)),
      columns: () => {},
      reveal: () => {},
    };
  }

  // The same for a long table: `note` says which rows are shown, beside buttons for those before and after.
  function windowOf(body, { rows, columns }, note) {
    const pattern = body.rows[0].cloneNode(true);
    const status = make("span", { className: "atlas-quiet", ariaLive: "polite" });
    // Names of tensors are anchors, wherever their rows are; of two with one name, the first one's is.
    const isNamed = columns[0].head.dataset.kind === "code";
    const named = new Map(isNamed ? [...rows].reverse().map((row) => [`row-${row.values[0]}`, row]) : []);
    let start = 0;
    const drawn = (row) => {
      const one = element(row, pattern, columns);
      const id = `row-${row.values[0]}`;
      if (named.get(id) === row) {
        one.id = id;
        one.cells[0].append(make("a", { className: "headerlink", href: `#${encodeURIComponent(id)}`, ariaLabel: `Link to ${row.values[0]}` }));
      }
      return one;
    };
    const show = (from) => {
      const found = rows.filter(({ out }) => !out);
      start = Math.max(0, Math.min(from, Math.floor((found.length - 1) / WINDOW) * WINDOW));
      const end = Math.min(start + WINDOW, found.length);
      body.replaceChildren(...found.slice(start, end).map(drawn));
      const [first, last, all] = [end && start + 1, end, found.length].map((count) => count.toLocaleString("en"));
      status.textContent = `Rows ${first} to ${last} of ${all}`;
      before.disabled = !start;
      after.disabled = end === found.length;
    };
    const turn = (textContent, step) => {
      const onclick = () => {
        show(start + step * WINDOW);
        body.closest(".atlas-scroll").scrollTop = 0;
      };
      return make("button", { type: "button", textContent, onclick });
    };
    const before = turn(`Previous ${WINDOW}`, -1);
    const after = turn(`Next ${WINDOW}`, 1);
    note.replaceWith(make("div", { className: "atlas-bar" }, before, after, status));
    // Shows the window with the row that the address names.
    const reveal = () => {
      const row = named.get(decodeURIComponent(location.hash.slice(1)));
      const place = rows.filter(({ out }) => !out).indexOf(row);
      if (place >= 0) {
        show(Math.floor(place / WINDOW) * WINDOW);
        // What is new in the page becomes the target when the address is visited again.
        location.replace(location.hash);
      }
    };
    window.addEventListener("hashchange", () => document.getElementById(decodeURIComponent(location.hash.slice(1))) ?? reveal());
    return { sorted: () => show(0), filtered: () => show(0), columns: () => show(start), reveal };
  }

  return { ofPage, ofScript, viewOf, windowOf };
})();
