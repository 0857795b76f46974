// Makes the figures of a page interactive, using the specifications of its static drawings:
// tooltips on hover, highlighted points, maps that zoom. The runtime and the specifications are
// loaded when the first figure comes into view. Without this script, or if it fails, the static
// drawings stay.
(function () {
  "use strict";

  const make = window.atlasMake;
  const places = [...document.querySelectorAll("[data-atlas-place]")].map((element) => ({ element }));
  if (!places.length) {
    return;
  }

  const NARROW = matchMedia("(max-width: 45em)");
  // A figure becomes interactive one screen before it is visible.
  const AHEAD = "100% 0px";
  const MOST_REASONS = 3;
  const controls = document.querySelector("[data-atlas-controls]");
  const choices = [...(controls?.querySelectorAll("[data-atlas-choice]") ?? [])];
  const highlight = window.atlasHighlight;
  let page = null;

  let loading = null;
  function load() {
    loading ??= Promise.all(["runtime/vega.js", window.atlasOwnScript()].map(window.atlasLoad)).then(() => {
      page = window.atlasFigures;
      if (controls) {
        controls.hidden = false;
      }
    });
    return loading;
  }

  // The figure of a place that matches all of the reader's choices.
  function chosen(key) {
    const values = Object.fromEntries(choices.map(({ dataset, value }) => [dataset.atlasChoice, value]));
    return page.figures.find(
      ({ place, choice = {} }) =>
        place === key && Object.entries(choice).every(([name, value]) => values[name] === value),
    );
  }

  function build(place) {
    const { element } = place;
    place.view = make("div", { className: "atlas-scroll", tabIndex: 0, role: "region" });
    place.note = make("strong");
    place.text = make("span");
    place.bar = make("div", { className: "atlas-bar" });
    place.caption = make("figcaption", {}, place.note, place.text);
    // A figure with a caption needs no second one.
    const tag = element.closest("figure") ? "div" : "figure";
    place.live = make(tag, { className: "atlas-live", hidden: true }, place.bar, place.view);
    if (tag === "figure") {
      place.live.classList.add("atlas-figure");
      place.live.append(place.caption);
    }
    element.append(place.live);
    place.still = element.querySelector(".atlas-static");
    place.mark = window.atlasMarkScrolling(place.view);
  }

  // A figure of very many marks asks for a canvas, which is faster.
  const rendererOf = ({ usermeta }) => usermeta?.renderer ?? "svg";

  async function show(place) {
    const key = place.element.dataset.atlasPlace;
    const figure = chosen(key);
    place.shown?.finalize();
    place.shown = null;
    place.bar.replaceChildren();
    place.figure = figure;
    if (!page.figures.some(({ place: known }) => known === key)) {
      throw new Error("there is no specification");
    }
    if (!figure) {
      place.text.textContent = "";
      place.note.textContent = "";
      const textContent = "There is no such figure of what is chosen: the text and the tables say all.";
      place.view.replaceChildren(make("p", { textContent }));
      return;
    }
    const screen = figure.narrow && NARROW.matches ? "narrow" : "wide";
    const remark = choices.map(({ value }) => figure.remarks?.[value] ?? "").join("");
    place.text.textContent = remark + (figure.captions?.[screen === "wide" ? 0 : 1] ?? "");
    place.view.setAttribute("aria-label", `${figure.title}, interactive figure, scrollable`);
    const specification = { ...figure[screen], datasets: page.datasets };
    place.shown = await window.atlasVega(place.view, specification, {
      mode: "vega-lite",
      actions: false,
      renderer: rendererOf(specification),
      config: page.config,
    });
    const { view } = place.shown;
    const drawing = place.view.querySelector("svg, canvas");
    // Another script may add to it.
    const event = { bubbles: true, detail: { view, specification } };
    place.element.dispatchEvent(new CustomEvent("atlas-figure", event));
    drawing.setAttribute("role", figure.links ? "group" : "img");
    drawing.setAttribute("aria-label", figure.title);
    view.addEventListener("click", (_, item) => {
      if (item?.datum?.number && !item.href) {
        highlight.toggle(item.datum.number);
      }
    });
    addZoom(place, view);
    tellCells(drawing, view, specification.usermeta?.cells);
    mark(place, highlight.numbers);
    await view.runAsync();
    // Vega gives marks without items a role that promises a name.
    for (const empty of drawing.querySelectorAll("g[role=graphics-symbol]:empty")) {
      empty.removeAttribute("role");
    }
    place.mark();
  }

  // Highlights members in a figure, if it can, and says why it does not show some of them.
  function mark(place, numbers) {
    if (!place.live) {
      return;
    }
    const reasons = numbers.map((number) => place.figure?.absent?.[number]).filter(Boolean);
    place.note.textContent = reasons.slice(0, MOST_REASONS).map((reason) => `${reason} `).join("");
    if (place.shown && "highlight" in place.shown.view.getState({ signals: () => true }).signals) {
      place.shown.view.signal("highlight", numbers).runAsync();
    }
  }

  // Zoom buttons, for keyboard users: the same as Ctrl and the wheel.
  function addZoom(place, view) {
    const { signals: known } = view.getState({ signals: () => true });
    if (!("zoom_x" in known)) {
      return;
    }
    const button = (textContent, label, factor) => {
      const onclick = () => {
        for (const axis of ["x", "y"]) {
          const [from, to] = view.scale(axis).domain();
          const middle = (from + to) / 2;
          const half = ((to - from) / 2) * factor;
          view.signal(`zoom_${axis}`, factor ? [middle - half, middle + half] : null);
        }
        view.runAsync();
      };
      return make("button", { type: "button", textContent, title: label, ariaLabel: label, onclick });
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

  // The text of a cell, as in tables.
  function written(told) {
    const power = (exponent) => [...exponent].map((sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"["0123456789-".indexOf(sign)]).join("");
    return told
      .replace("–", "not compared")
      .replace(/e(-?)0?(\d+)$/, (_, sign, digits) => ` × 10${power(sign + digits)}`);
  }

  // A matrix is one picture: this finds the cell at the pointer and its text. `told` are the cells
  // above the diagonal, row by row.
  function tellCells(drawing, view, cells) {
    if (!cells) {
      return;
    }
    const { left, top, size, metric } = cells;
    const names = page.datasets[cells.rows.name].map(({ name }) => name);
    const told = page.datasets[cells.told.name].split(" ");
    const show = view.tooltip();
    drawing.addEventListener("pointermove", (event) => {
      const frame = drawing.getBoundingClientRect();
      const scale = frame.width / drawing.viewBox.baseVal.width;
      const column = Math.floor(((event.clientX - frame.left) / scale - left) / size);
      const row = Math.floor(((event.clientY - frame.top) / scale - top) / size);
      if (!names[row] || !names[column]) {
        show(null, event, null, null);
        return;
      }
      const [low, high] = [Math.min(row, column), Math.max(row, column)];
      const place = low * names.length - (low * (low + 1)) / 2 + high - low - 1;
      const value = row === column ? "0" : written(told[place]);
      show(null, event, null, { Row: names[row], Column: names[column], [metric]: value });
    });
    drawing.addEventListener("pointerleave", (event) => show(null, event, null, null));
  }

  // If a figure cannot be drawn, its static drawing stays. What is folded waits until it is opened.
  async function update(place) {
    if (place.element.closest("details:not([open])")) {
      return;
    }
    try {
      await load();
      if (!place.live) {
        build(place);
      }
      await show(place);
      place.live.hidden = false;
      // Out of the page, which is lighter without it.
      place.still.remove();
    } catch (error) {
      if (place.live) {
        place.live.hidden = true;
        place.element.prepend(place.still);
      }
      console.warn(`figure ${place.element.dataset.atlasPlace}: ${error}`);
    }
  }

  // Pixels from the screen.
  function away({ element }) {
    const { top, bottom } = element.getBoundingClientRect();
    return Math.max(top - innerHeight, -bottom, 0);
  }

  // In sequence, so that the last choice is the one shown: what is on the screen first, and with
  // room between them for what the reader does.
  let drawing = Promise.resolve();
  function redraw() {
    delete document.body.dataset.atlasReady;
    for (const place of [...places].sort((one, other) => away(one) - away(other))) {
      drawing = drawing.then(() => update(place)).then(() => new Promise((next) => setTimeout(next)));
    }
    drawing = drawing.then(() => (document.body.dataset.atlasReady = "true"));
  }

  // Once a reader chose a component, the texts about the others are hidden.
  function tell(component) {
    for (const part of document.querySelectorAll("[data-atlas-of]")) {
      part.hidden = part.dataset.atlasOf !== component;
    }
  }

  highlight.follow((numbers) => places.forEach((place) => mark(place, numbers)));
  choices.forEach((select) => {
    window.atlasAddress.bind(select.dataset.atlasChoice, select);
    select.addEventListener("change", redraw);
    if (select.dataset.atlasChoice === "component") {
      select.addEventListener("change", () => tell(select.value));
      if (window.atlasAddress.get("component")) {
        tell(select.value);
      }
    }
  });
  NARROW.addEventListener("change", () => page && redraw());
  // A canvas keeps the ink of the colour scheme that it was drawn in.
  new MutationObserver(() => {
    if (places.some(({ figure }) => figure && rendererOf(figure.wide) === "canvas")) {
      redraw();
    }
  }).observe(document.body, { attributeFilter: ["data-md-color-scheme"] });

  const observer = new IntersectionObserver(
    (entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) {
        observer.disconnect();
        redraw();
      }
    },
    { rootMargin: AHEAD },
  );
  for (const place of places) {
    observer.observe(place.element);
    place.element.closest("details")?.addEventListener("toggle", () => {
      if (page && !place.shown) {
        drawing = drawing.then(() => update(place));
      }
    });
    window.atlasShare(place.element, async () => {
      await load();
      const figure = chosen(place.element.dataset.atlasPlace);
      const specification = { ...figure[figure.narrow && NARROW.matches ? "narrow" : "wide"], datasets: page.datasets };
      return { title: figure.title, specification, view: place.shown?.view };
    });
  }
})();
