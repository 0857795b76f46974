// Makes the figures of a group interactive: one component and metric at a time, one checkpoint
// highlighted in all of them and in the table. Without this, or where it fails, the static pictures
// stay. `atlasGroup` holds the data and the Vega-Lite specifications, `atlasVega` draws them.
(function () {
  "use strict";

  const group = window.atlasGroup;
  const embed = window.atlasVega;
  const controls = document.querySelector("[data-atlas-controls]");
  const figures = document.querySelectorAll("[data-atlas-figure]");
  if (!group || !embed || !controls || !figures.length) {
    return;
  }

  const { sizes } = group;
  const MEDIAN = 0;
  const SUPERSCRIPTS = Object.fromEntries([..."-0123456789"].map((sign, n) => [sign, "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"[n]]));
  const state = { component: group.components[0], metric: group.metrics[0][0], highlight: 0 };
  const places = [...figures].map(makePlace);

  function make(tag, properties, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  // On a narrow screen figures are as wide as it is: rows have no names beside them.
  const NARROW = matchMedia("(max-width: 45em)");
  const NUMBERS_WIDTH = 30;
  const room = () => controls.clientWidth;

  // What is shown of a component: everything by the places of its members, 0 to M-1.

  const numberOf = (component, place) => component.members[place];
  const nameOf = (component, place) => group.labels[component.members[place] - 1].text;

  // The distances are those above the diagonal, row by row; null where two cannot be compared.
  function distance(component, metric, a, b) {
    if (a === b) {
      return 0;
    }
    const [low, high] = a < b ? [a, b] : [b, a];
    const before = low * component.members.length - (low * (low + 1)) / 2;
    return component.distances[metric].values[before + high - low - 1];
  }

  // Why a figure does not show whom it should highlight; empty where it does.

  function absent(component, number) {
    return number === 0 || component.members.includes(number)
      ? ""
      : `${group.labels[number - 1].text} is not drawn by its ${component.title}`;
  }

  function absentRow(component, number) {
    return number > 0 && numberOf(component, component.base) === number
      ? `${nameOf(component, component.base)} is where distances begin`
      : absent(component, number);
  }

  // Three significant digits, as in the table; what is tiny has a power of ten.
  function significant(value) {
    if (value === 0) {
      return "0";
    }
    const [digits, exponent] = value.toExponential(2).split("e");
    if (Number(exponent) < -4) {
      return `${digits} × 10${[...exponent].map((sign) => SUPERSCRIPTS[sign]).join("")}`;
    }
    const decimals = Math.max(0, 2 - Number(exponent));
    return Number(`${digits}e${exponent}`).toLocaleString("en", {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
  }

  // What is counted is exact.
  const shownAs = (metric, value) =>
    metric === "l0" ? value.toLocaleString("en") : significant(value);

  function rowsOf(count) {
    const height = count * (count <= sizes.few ? sizes.tallRow : sizes.lowRow);
    return { rows: count, height, middles: [...Array(count).keys()].map((row) => row + 0.5) };
  }

  // The distances of so few are told in a sentence.
  const isSmall = (component) => component.members.length < sizes.fewest;

  function mapContent(component, layoutName) {
    if (isSmall(component)) {
      return null;
    }
    const layout = (NARROW.matches ? component.narrow_layouts : component.layouts)[layoutName];
    const nearest = component.members.map((_, a) => {
      const lengths = component.edges.filter(([from, to]) => from === a || to === a);
      return lengths.sort((one, other) => one[2] - other[2])[0];
    });
    const panels = layout.panels.map((spots) =>
      spots.flatMap(([members, x, y, more, text, side]) =>
        members.map((place, n) => {
          const [from, to, length] = nearest[place];
          const others = members.filter((other) => other !== place);
          return {
            place,
            x,
            y,
            number: numberOf(component, place),
            name: nameOf(component, place),
            equal: others.map((other) => nameOf(component, other)).join(", ") || "none",
            nearest: nameOf(component, from === place ? to : from),
            length,
            isBase: place === component.base,
            side: n === 0 && side ? side : "",
            text: (text === 0 ? shortened(component, place) : numberOf(component, place)) + more,
            colour: component.colour,
          };
        }),
      ),
    );
    const edges = panels.flatMap((points) => edgesAmong(component, points));
    const { width, height, rulers, notes } = layout;
    return { datasets: { points: panels.flat(), edges, rulers, notes }, values: { width, height } };
  }

  function edgesAmong(component, points) {
    const at = Object.fromEntries(points.map((point) => [point.place, point]));
    return component.edges
      .filter(([from, to]) => from in at && to in at)
      .map(([from, to, length, isNearest]) => ({
        x: at[from].x,
        y: at[from].y,
        x2: at[to].x,
        y2: at[to].y,
        a: at[from].name,
        b: at[to].name,
        length,
        nearest: isNearest,
      }));
  }

  function shortened(component, place) {
    const { short, shortest } = group.labels[component.members[place] - 1];
    return NARROW.matches ? shortest : short;
  }

  function clusterContent(component, metric) {
    if (isSmall(component)) {
      return null;
    }
    const { order } = component;
    const rows = order.length;
    const labels = NARROW.matches ? NUMBERS_WIDTH : sizes.labels;
    const cell = NARROW.matches
      ? Math.max(1, Math.min(component.cell, Math.floor((room() - labels - 16) / rows)))
      : component.cell;
    const legend = Math.min(300, room() - labels - 40);
    // As many rows are named, evenly, as have room for text.
    const step = Math.ceil(sizes.line / cell);
    const middles = order.map((_, row) => row + 0.5).filter((_, row) => row % step === 0);
    const cells = order.flatMap((a, row) =>
      order.map((b, column) => {
        const value = distance(component, metric, a, b);
        return {
          row,
          row2: row + 1,
          column,
          column2: column + 1,
          number: numberOf(component, a),
          a: nameOf(component, a),
          b: nameOf(component, b),
          value,
          shown: value === null ? "not compared" : shownAs(metric, value),
        };
      }),
    );
    const bands = order.flatMap((member, row) => [
      { number: numberOf(component, member), row, row2: row + 1, column: 0, column2: rows },
      { number: numberOf(component, member), row: 0, row2: rows, column: row, column2: row + 1 },
    ]);
    const names = order.map((member) =>
      NARROW.matches ? `${numberOf(component, member)}` : labelled(component, member),
    );
    const { end } = component.distances[metric];
    const treeEnd = 1.05 * component.tree_end;
    const values = { rows, side: rows * cell, middles, names, end, treeEnd, labels, legend };
    // Columns have their numbers where all rows have text, turned where they are narrow.
    const isNumbered = cell >= sizes.line;
    Object.assign(values, {
      columns: order.map((member) => `${numberOf(component, member)}`),
      columnMiddles: isNumbered ? middles : [],
      columnTitle: isNumbered ? null : sizes.columns,
      columnAngle: cell >= sizes.upright ? 0 : -90,
    });
    return { datasets: { cells, bands, forks: forksOf(component) }, values };
  }

  const labelled = (component, place) =>
    `${group.labels[component.members[place] - 1].row}  ${numberOf(component, place)}`;

  // Each fork of the dendrogram is three lines: two to the right, and one that joins them.
  function forksOf(component) {
    const count = component.order.length;
    const clusters = [];
    component.order.forEach((member, row) => {
      clusters[member] = { row: row + 0.5, x: 0, size: 1 };
    });
    return component.merges.flatMap(([left, right, height], number) => {
      const [one, other] = [clusters[left], clusters[right]];
      const size = one.size + other.size;
      const isFar = height > component.tree_end;
      const x = isFar ? 1.04 * component.tree_end : height;
      clusters[count + number] = { row: (one.row + other.row) / 2, x, size };
      const line = { height, size, isFar };
      return [
        { x: one.x, x2: x, row: one.row, row2: one.row, ...line },
        { x: other.x, x2: x, row: other.row, row2: other.row, ...line },
        { x, x2: x, row: one.row, row2: other.row, ...line },
      ];
    });
  }

  function distanceContent(component, metric) {
    if (isSmall(component)) {
      return null;
    }
    const others = component.members
      .map((_, place) => ({ place, value: distance(component, metric, component.base, place) }))
      .filter(({ place, value }) => place !== component.base && value !== null)
      .sort((a, b) => a.value - b.value || a.place - b.place);
    const end = component.distances[metric].end_from_base;
    const rows = others.map(({ place, value }, row) => ({
      row: row + (NARROW.matches ? 0.75 : 0.5),
      above: row + 0.35,
      label: labelled(component, place),
      x: Math.min(value, end),
      isFar: value > end,
      shown: shownAs(metric, value),
      number: numberOf(component, place),
      name: nameOf(component, place),
      colour: component.colour,
    }));
    const names = others.map(({ place }) => labelled(component, place));
    const values = { ...rowsOf(rows.length), names, xEnd: 1.05 * end, labels: sizes.labels };
    // Room for the dots at zero, which would be cut in half.
    values.xStart = -0.02 * end;
    if (NARROW.matches) {
      Object.assign(values, { height: 36 * rows.length, width: room() - 12 });
    }
    return { datasets: { rows }, values };
  }

  function blockContent(component) {
    const { blocks } = component;
    if (!blocks) {
      return null;
    }
    const of = (number, shares) =>
      shares.map((share, block) => ({
        number,
        block: blocks.names[block],
        share,
        parameters: blocks.parameters[block],
        colour: blocks.colours[block],
      }));
    const shares = of(MEDIAN, blocks.median);
    const most = Math.max(...blocks.parameters);
    const ends = Array(group.labels.length + 1).fill(most);
    ends[MEDIAN] = Math.max(most, ...blocks.median);
    const names = ["Median of all that differ; highlight one to see its own"];
    group.labels.forEach((_, place) => (names[place + 1] = absent(component, place + 1)));
    blocks.shares.forEach((row, place) => {
      const number = numberOf(component, place);
      names[number] = nameOf(component, place);
      if (row) {
        shares.push(...of(number, row));
        ends[number] = Math.max(most, ...row);
      } else {
        names[number] += place === component.base ? " is where distances begin" : " does not differ";
      }
    });
    const parameters = blocks.names.map((block, place) => ({
      block,
      share: blocks.parameters[place],
    }));
    const values = { names, ends, width: room() - 84 };
    return { datasets: { shares, parameters }, values };
  }

  // By figure: its specification, its content, and what it says of one who is not in it. The title
  // of the blocks says that already.
  const CONTENTS = {
    map: ["map", (component) => mapContent(component, "stress"), absent],
    spectral: ["map", (component) => mapContent(component, "spectral"), absent],
    clusters: ["clusters", clusterContent, absent],
    distances: ["distances", distanceContent, absentRow],
    blocks: ["blocks", blockContent, () => ""],
  };

  // A specification with what its places stand for.
  function filled(part, values) {
    if (typeof part === "string" && part.startsWith("$")) {
      return values[part.slice(1)];
    }
    if (Array.isArray(part)) {
      return part.map((one) => filled(one, values));
    }
    if (part && typeof part === "object") {
      return Object.fromEntries(Object.entries(part).map(([key, one]) => [key, filled(one, values)]));
    }
    return part;
  }

  // One figure of the page.

  function makePlace(element) {
    const still = element.querySelector(".atlas-static");
    const view = make("div", { className: "atlas-scroll" });
    view.tabIndex = 0;
    view.setAttribute("role", "region");
    const note = make("strong");
    const text = make("span");
    const caption = make("figcaption", {}, note, text);
    const bar = make("div", { className: "atlas-bar" });
    const live = make("figure", { className: "atlas-figure atlas-group atlas-live" }, bar, view, caption);
    live.hidden = true;
    element.append(live);
    const mark = window.atlasMarkScrolling(view);
    return { key: element.dataset.atlasFigure, still, live, view, note, text, bar, mark, shown: null };
  }

  function settings() {
    const style = getComputedStyle(document.body);
    const ink = style.getPropertyValue("--md-default-fg-color").trim();
    const rule = style.getPropertyValue("--atlas-rule").trim();
    const paper = style.getPropertyValue("--md-default-bg-color").trim();
    const isDark = document.body.dataset.mdColorScheme === "slate";
    return {
      paper,
      tooltip: { theme: isDark ? "dark" : "light" },
      config: {
        background: null,
        aria: false,
        font: "system-ui, sans-serif",
        view: { stroke: null },
        text: { color: ink, fontSize: 12 },
        title: { color: ink, fontSize: 13 },
        rule: { color: ink },
        tick: { color: ink },
        point: { color: ink },
        line: { color: ink },
        axis: {
          labelColor: ink,
          titleColor: ink,
          labelFontSize: 12,
          titleFontSize: 12,
          titleFontWeight: "normal",
          gridColor: rule,
          domainColor: rule,
          tickColor: rule,
        },
        legend: {
          labelColor: ink,
          titleColor: ink,
          labelFontSize: 12,
          titleFontSize: 12,
          titleFontWeight: "normal",
        },
      },
    };
  }

  async function show(place) {
    const { component, metric } = state;
    const [specification, contentOf] = CONTENTS[place.key];
    const content = contentOf(component, metric);
    place.shown?.finalize();
    place.shown = null;
    place.bar.replaceChildren();
    const screen = NARROW.matches ? "narrow" : "wide";
    place.text.textContent = content ? component.captions[screen][metric][place.key] : "";
    tellAbsent(place);
    place.view.setAttribute("aria-label", `${component.title}, interactive figure, scrollable`);
    if (!content) {
      const textContent = isSmall(component)
        ? `${component.members.length} checkpoints: the text above tells how far apart they are.`
        : "Nothing is known of its blocks.";
      place.view.replaceChildren(make("p", { textContent }));
      return;
    }
    const metricTitle = group.metrics.find(([name]) => name === metric)[1];
    const { tooltip, config, paper } = settings();
    const values = { ...content.values, metric: metricTitle, paper };
    const chosen = group.specifications[screen][specification];
    const spec = { ...filled(chosen, values), datasets: content.datasets };
    const renderer = place.key === "clusters" ? "canvas" : "svg";
    const options = { mode: "vega-lite", actions: false, renderer, tooltip, config };
    place.shown = await embed(place.view, spec, options);
    const { view } = place.shown;
    // Read aloud, marks without order say nothing: the region has a name, and the table all figures.
    place.view.querySelector("svg, canvas").setAttribute("aria-hidden", "true");
    view.addEventListener("click", (_, item) => {
      const number = item?.datum?.number;
      if (number) {
        highlight(number === state.highlight ? 0 : number);
      }
    });
    addZoom(place, view, values);
    view.signal("highlight", state.highlight);
    await view.runAsync();
    place.mark();
  }

  function tellAbsent(place) {
    const reason = CONTENTS[place.key][2](state.component, state.highlight);
    place.note.textContent = reason && `${reason}. `;
  }

  // Buttons that do what Ctrl and the wheel do, for those who use keys.
  function addZoom(place, view, { height }) {
    if (CONTENTS[place.key][0] !== "map") {
      return;
    }
    const whole = { x: [0, view.width()], y: [height, 0] };
    const button = (textContent, label, factor) => {
      const made = make("button", { type: "button", textContent, title: label });
      made.setAttribute("aria-label", label);
      made.addEventListener("click", () => {
        for (const axis of ["x", "y"]) {
          const [from, to] = view.signal(`zoom_${axis}`) ?? whole[axis];
          const middle = (from + to) / 2;
          const half = ((to - from) / 2) * factor;
          view.signal(`zoom_${axis}`, factor ? [middle - half, middle + half] : whole[axis]);
        }
        view.runAsync();
      });
      return made;
    };
    place.bar.append(
      button("+", "Zoom in", 1 / 1.5),
      button("−", "Zoom out", 1.5),
      button("Fit", "Fit: show the whole figure", 0),
      make("span", {
        className: "atlas-quiet atlas-pointer",
        textContent: "Drag moves, Ctrl and wheel zoom.",
      }),
    );
  }

  // A figure that cannot be drawn leaves its static picture where it is.
  async function showAll() {
    for (const place of places) {
      try {
        await show(place);
        place.live.hidden = false;
        place.still.hidden = true;
      } catch (error) {
        place.live.hidden = true;
        place.still.hidden = false;
        console.warn(`figure ${place.key}: ${error}`);
      }
    }
    controls.dataset.ready = "true";
  }

  let drawing = Promise.resolve();
  function redraw() {
    delete controls.dataset.ready;
    drawing = drawing.then(showAll);
  }

  // Controls.

  function makeSelect(label, options, chosen, change) {
    const select = make("select", {}, ...options.map(([value, text]) => new Option(text, value)));
    select.value = chosen;
    select.id = `atlas-${label.toLowerCase()}`;
    select.addEventListener("change", () => change(select.value));
    const name = make("label", { htmlFor: select.id, textContent: label });
    controls.append(make("span", { className: "atlas-bar__field" }, name, select));
    return select;
  }

  makeSelect(
    "Component",
    group.components.map(({ name, title }) => [name, title[0].toUpperCase() + title.slice(1)]),
    state.component.name,
    (name) => {
      state.component = group.components.find((one) => one.name === name);
      redraw();
    },
  );
  makeSelect("Metric", group.metrics, state.metric, (metric) => {
    state.metric = metric;
    redraw();
  });
  const highlightSelect = makeSelect(
    "Highlight",
    [[0, "none"], ...group.labels.map(({ text }, place) => [place + 1, `${place + 1} ${text}`])],
    0,
    (number) => highlight(Number(number)),
  );
  const members = [...document.querySelectorAll("[data-atlas-members] tr[data-member]")];

  function highlight(number) {
    state.highlight = number;
    highlightSelect.value = number;
    members.forEach((row) => row.classList.toggle("is-marked", Number(row.dataset.member) === number));
    reveal(members.find((row) => Number(row.dataset.member) === number));
    for (const place of places) {
      tellAbsent(place);
      place.shown?.view.signal("highlight", number).runAsync();
    }
  }

  // Scrolls a table, and nothing but it, so that one of its rows is in view.
  function reveal(row) {
    if (!row) {
      return;
    }
    const view = row.closest(".atlas-scroll");
    const [frame, box] = [view, row].map((element) => element.getBoundingClientRect());
    const top = frame.top + row.closest("table").tHead.offsetHeight;
    if (box.top < top || box.bottom > frame.bottom) {
      view.scrollTop += (box.top + box.bottom - top - frame.bottom) / 2;
    }
  }

  for (const row of members) {
    row.addEventListener("click", (event) => {
      const number = Number(row.dataset.member);
      if (!event.target.closest("a")) {
        highlight(number === state.highlight ? 0 : number);
      }
    });
  }

  controls.className = "atlas-bar atlas-bar--sticky";
  controls.setAttribute("role", "group");
  controls.setAttribute("aria-label", "What the figures show");
  new MutationObserver(redraw).observe(document.body, {
    attributes: true,
    attributeFilter: ["data-md-color-scheme"],
  });
  NARROW.addEventListener("change", redraw);
  redraw();
})();
