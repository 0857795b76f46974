// Shows the networks that the reader chooses, one column each. The cells of all networks lie in the
// page as JSON; the address keeps the choice (`?networks=sdxl,flux`). Without this script the page
// shows the two networks that it begins with.
(function () {
  "use strict";

  const place = document.querySelector("[data-atlas-beside]");
  if (!place) {
    return;
  }

  const make = window.atlasMake;
  const address = window.atlasAddress;
  const FEWEST = 2;
  const MOST = 4;
  const table = place.querySelector("table");
  const sides = JSON.parse(place.querySelector("[data-atlas-sides]").textContent);
  const byId = new Map(sides.map((side) => [side.id, side]));
  const standard = [...table.tHead.rows[0].cells].slice(1).map(({ dataset }) => dataset.id);
  const bar = make("div", { className: "atlas-bar", role: "group", ariaLabel: "Networks shown" });
  const onlyDifferent = make("input", { type: "checkbox" });
  // Rows of facts are in the order of a network's cells; rows that only head a group have none.
  const factRows = [...table.querySelectorAll("[data-cells] tr:not(.atlas-grid__group)")];
  const configRows = [...table.querySelectorAll("[data-config] tr[data-key]")];
  const groupRows = [...table.querySelectorAll(".atlas-grid__group")];

  // Known networks, each once; what is missing is filled up from those that the page begins with.
  function chosenOf(text) {
    const wanted = [...new Set(text.split(",").filter((id) => byId.has(id)))].slice(0, MOST);
    const more = [...standard, ...byId.keys()].filter((id) => !wanted.includes(id));
    return wanted.concat(more.slice(0, Math.max(0, FEWEST - wanted.length)));
  }

  function fill(row, contents) {
    [...row.cells].slice(1).forEach((cell) => cell.remove());
    const isEqual = contents.every((one) => one === contents[0]);
    row.append(...contents.map((innerHTML) => make(row.closest("thead") ? "th" : "td", { innerHTML })));
    row.classList.toggle("is-equal", isEqual);
    return isEqual;
  }

  function show(chosen) {
    const shown = chosen.map((id) => byId.get(id));
    document.querySelector("[data-names]").innerHTML = shown.map(({ name }) => name).join(" beside ");
    fill(table.tHead.rows[0], shown.map(({ name }) => name));
    [...table.tHead.rows[0].cells].slice(1).forEach((head) => (head.scope = "col"));
    factRows.forEach((row, number) => {
      const isEqual = fill(row, shown.map(({ cells }) => cells[number]));
      row.hidden = isEqual && onlyDifferent.checked;
    });
    for (const row of configRows) {
      const values = shown.map(({ config }) => config[row.dataset.key]);
      const isEqual = fill(row, values.map((value) => value ?? "–"));
      row.hidden = values.every((value) => value === undefined) || (isEqual && onlyDifferent.checked);
    }
    for (const row of groupRows) {
      fill(row, shown.map(() => ""));
      row.hidden = [...row.parentElement.rows].every((one) => one === row || one.hidden);
    }
  }

  function choose(chosen) {
    address.set("networks", chosen.join());
    draw(chosen);
  }

  function makeSelect(chosen, number) {
    const select = make("select", { ariaLabel: `Network ${number + 1}` });
    select.append(
      ...sides
        .filter(({ id }) => id === chosen[number] || !chosen.includes(id))
        .map(({ id, label }) => make("option", { value: id, textContent: label, selected: id === chosen[number] })),
    );
    select.addEventListener("change", () => {
      choose(chosen.with(number, select.value));
      bar.querySelectorAll("select")[number].focus();
    });
    if (chosen.length <= FEWEST) {
      return select;
    }
    const remove = make("button", { type: "button", textContent: "×", title: "Remove" });
    remove.ariaLabel = `Remove ${byId.get(chosen[number]).label}`;
    remove.addEventListener("click", () => choose(chosen.toSpliced(number, 1)));
    return make("span", { className: "atlas-bar__field" }, select, remove);
  }

  function draw(chosen) {
    const add = make("button", { type: "button", textContent: "Add a network" });
    add.hidden = chosen.length >= MOST || chosen.length >= sides.length;
    add.addEventListener("click", () => choose([...chosen, sides.find(({ id }) => !chosen.includes(id)).id]));
    const label = make("label", {}, onlyDifferent, " Only what differs");
    onlyDifferent.onchange = () => {
      address.set("rows", onlyDifferent.checked ? "different" : "");
      show(chosen);
    };
    bar.replaceChildren(...chosen.map((_, number) => makeSelect(chosen, number)), add, label);
    show(chosen);
  }

  onlyDifferent.checked = address.get("rows") === "different";
  place.prepend(bar);
  draw(chosenOf(address.get("networks")));
})();
