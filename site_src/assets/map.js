// Lets a reader search the prompts of a map, hide categories, and choose the encoder, vectors and
// axes. `figures.js` draws the map; this script does what a specification cannot: it loads points
// on request and lists the neighbours of a prompt.
(function () {
  "use strict";

  const make = window.atlasMake;
  const place = document.querySelector("[data-atlas-map]");
  if (!place) {
    return;
  }
  const ROOT = new URL("../", document.currentScript.src);
  const LONGEST = { tip: 80, selected: 200, neighbour: 40 };
  // A pointer within this many pixels of a point is on it.
  const NEAR = 14;
  const STATE = { hidden: 0, faint: 1, shown: 2 };
  const AXES = {
    shared: "The reference’s, with movement",
    own: "The encoder’s own",
    tsne: "Neighbourhoods (t-SNE)",
  };
  const hidden = new Set();
  let [head, view, data, part, base, matches, found, pressed] = [];
  let selected = -1;

  // Data are scripts, each with one call of `atlasMapPart`: a page opened from disk cannot fetch
  // files.
  const parts = new Map();
  window.atlasMapPart = (_, name, content) => parts.set(name, content);

  // Each part is requested once, even if it is needed again before it arrives.
  const asked = new Map();
  function load(name) {
    if (!asked.has(name)) {
      const src = new URL(`embeddings/${place.dataset.atlasMap}/${name}.js`, ROOT).href;
      const loading = new Promise((resolve, reject) => {
        const script = make("script", { src });
        script.onload = () => (parts.has(name) ? resolve(parts.get(name)) : reject(new Error(name)));
        script.onerror = () => reject(new Error(name));
        document.head.append(script);
      });
      asked.set(name, loading);
      // A failed part can be requested again.
      loading.catch(() => asked.delete(name));
    }
    return asked.get(name);
  }

  function shortened(text, longest) {
    const signs = [...(text.trim() ? text : "(empty prompt)")];
    const start = Math.floor((longest - 1) / 2);
    return signs.length <= longest
      ? signs.join("")
      : `${signs.slice(0, start).join("")}…${signs.slice(start + 1 - longest).join("")}`;
  }

  // A text isolated from the writing direction of the text around it, with the whole text on hover.
  function textOf(text, longest) {
    const textContent = shortened(text, longest);
    return make("bdi", textContent.length < text.length ? { textContent, title: text } : { textContent });
  }

  const fieldOf = () => place.querySelector(".atlas-live .atlas-scroll");
  const categoryOf = (n) => head.categories[head.category[n]].name;

  // The row of the shown prompt that is nearest to the pointer.
  function nearest(event) {
    const field = view.container().querySelector("svg, canvas").getBoundingClientRect();
    const { left, top, right } = view.padding();
    const scale = field.width / (view.width() + left + right);
    const [x, y] = [(event.clientX - field.left) / scale - left, (event.clientY - field.top) / scale - top];
    const [across, down] = [view.scale("x"), view.scale("y")];
    let [best, least] = [undefined, NEAR * NEAR];
    for (const row of view.data(data)) {
      const apart = (across(row.x) - x) ** 2 + (down(row.y) - y) ** 2;
      if (apart < least && stateOf(row.number) === STATE.shown) {
        [best, least] = [row, apart];
      }
    }
    return best;
  }

  function listen(field) {
    const tip = (event, row) =>
      view.tooltip()(null, event, null, row ? { Prompt: row.text, Category: row.category } : null);
    field.addEventListener("pointermove", (event) => {
      const row = nearest(event);
      field.style.cursor = row ? "pointer" : "";
      tip(event, row);
    });
    field.addEventListener("pointerleave", (event) => tip(event));
    field.addEventListener("pointerdown", (event) => (pressed = event));
    field.addEventListener("click", (event) => {
      // The end of a drag, which moves the map, does not select anything.
      const { clientX, clientY } = pressed ?? event;
      const isDrag = Math.hypot(event.clientX - clientX, event.clientY - clientY) > NEAR;
      const row = nearest(event);
      if (row && !isDrag) {
        select(row.number);
      }
    });
  }

  // Controls.

  const status = make("span", { className: "atlas-quiet", role: "status" });
  const detail = make("div", { className: "atlas-map__detail", role: "status" });
  const said = "Search a prompt";
  const search = make("input", { type: "search", placeholder: said, ariaLabel: said });

  function choice(label, options) {
    const choices = options.map(([value, text]) => new Option(text, value));
    const select = make("select", { ariaLabel: label }, ...choices);
    select.addEventListener("change", show);
    return select;
  }

  function build() {
    choice.encoder = choice("Encoder", head.encoders.map(({ name }, n) => [n, name]));
    choice.kind = choice("Vectors", head.kinds.map(({ id, label }) => [id, label]));
    choice.axes = choice("Axes", Object.entries(AXES));
    choice.encoder.value = place.dataset.atlasEncoder;
    const labelled = [choice.encoder, choice.kind, choice.axes].map((select) =>
      make("label", {}, `${select.ariaLabel} `, select),
    );
    place.prepend(make("div", { className: "atlas-bar" }, ...labelled, search, status));
    place.querySelector("figcaption").before(detail);
    place.querySelectorAll(".atlas-legend li").forEach((item, category) => {
      const looks = { type: "button", className: "atlas-map__category", ariaPressed: "true" };
      const button = make("button", looks, ...item.childNodes);
      button.addEventListener("click", () => {
        const on = hidden.delete(category);
        if (!on) {
          hidden.add(category);
        }
        button.ariaPressed = String(on);
        if (hidden.has(head.category[selected])) {
          select(-1);
        }
        find();
      });
      item.replaceChildren(button);
    });
    search.addEventListener("input", find);
    search.addEventListener("keydown", ({ key }) => {
      if (key === "Enter" && found?.length) {
        select(found[(found.indexOf(selected) + 1) % found.length]);
      }
    });
    // Arrow keys move between the shown prompts; Escape clears the selection.
    fieldOf().addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") {
        select(-1);
      } else if (step) {
        event.preventDefault();
        const all = shown();
        select(all[(all.indexOf(selected) + step + all.length) % all.length] ?? -1);
      }
    });
  }

  // The shown prompts and points.

  const stateOf = (n) =>
    hidden.has(head.category[n]) ? STATE.hidden : matches && !matches[n] ? STATE.faint : STATE.shown;
  const shown = () => [...head.prompts.keys()].filter((n) => stateOf(n) === STATE.shown);

  function find() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const holds = (text) => words.every((word) => text.toLowerCase().includes(word));
    matches = words.length ? head.prompts.map(holds) : null;
    found = matches && shown();
    status.textContent = found ? `${found.length} of ${head.prompts.length} prompts` : "";
    place.dataset.shown = shown().length;
    view.signal("states", head.prompts.map((_, n) => stateOf(n))).runAsync();
  }

  async function show() {
    const encoder = Number(choice.encoder.value);
    const { explained, reference } = head.encoders[encoder];
    for (const option of choice.kind.options) {
      option.disabled = !(option.value in explained);
    }
    if (!(choice.kind.value in explained)) {
      choice.kind.value = Object.keys(explained)[0];
    }
    const kind = choice.kind.value;
    const wanted = (show.wanted = `${encoder}.${kind}`);
    try {
      const loaded = await Promise.all([encoder, reference].map((n) => load(`${n}.${kind}`)));
      if (wanted === show.wanted) {
        [part, base] = loaded;
        await draw(encoder, reference, kind);
      }
    } catch (error) {
      status.textContent = `The points could not be loaded (${error.message}).`;
    }
  }

  async function draw(encoder, reference, kind) {
    choice.axes.options[2].disabled = !part.tsne;
    if (choice.axes.value === "tsne" && !part.tsne) {
      choice.axes.value = "shared";
    }
    const axes = choice.axes.value;
    // Points are the prompts' places in the reference, and arrows lead to their places in the
    // encoder.
    const moves = axes === "shared" && part !== base;
    const points = moves ? base.own : part[axes];
    const rows = points.map(([x, y], number) => {
      const row = { number, x, y, category: categoryOf(number) };
      const [x2, y2] = moves ? part.shared[number] : [x, y];
      row.text = shortened(head.prompts[number], LONGEST.tip);
      return x2 === x && y2 === y ? row : { ...row, x2, y2 };
    });
    const ends = [0, 1].flatMap((axis) => {
      const values = [...points, ...(moves ? part.shared : [])].map((point) => point[axis]);
      return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    });
    const shares = head.encoders[axes === "shared" ? reference : encoder].explained[kind];
    const [first, second] = shares.map((share) => share.toFixed(1));
    const titles = [`First axis: ${first} % of the variance`, `Second axis: ${second} %`];
    view.data(data, rows);
    view.signal("ends", ends);
    view.signal("titles", axes === "tsne" ? ["", ""] : titles);
    view.signal("labelled", `${encoder}.${kind}.${axes}` === start());
    await view.runAsync();
    const name = head.encoders[encoder].name;
    fieldOf().ariaLabel =
      `Map of ${points.length} prompts in ${name}. Arrow keys go from prompt to prompt.`;
    place.dataset.shows = `${encoder}.${kind}.${axes}`;
    find();
    tell();
  }

  // The initial drawing, whose labels are known.
  const start = () => `${place.dataset.atlasEncoder}.${head.kinds[0].id}.shared`;

  function select(n) {
    selected = n;
    view.signal("selected", n).runAsync();
    tell();
  }

  // The selected prompt, how far it moved, and its neighbours here and in the reference.
  function tell() {
    if (selected < 0) {
      const textContent = "Select a point, or search a prompt, to see its neighbours.";
      detail.replaceChildren(make("p", { className: "atlas-quiet", textContent }));
      return;
    }
    const near = (said, { near: others, apart }) => {
      const line = make("p", { textContent: said });
      others[selected].forEach((other, k) => {
        const text = textOf(head.prompts[other], LONGEST.neighbour);
        line.append(k ? ", " : " ", text, ` (${apart[selected][k]})`);
      });
      return line;
    };
    const name = make("strong", {}, textOf(head.prompts[selected], LONGEST.selected));
    const moved = part === base ? "" : `, moved by a cosine distance of ${part.moved[selected]}`;
    const category = make("bdi", { textContent: categoryOf(selected) });
    const lines = [make("p", {}, name, " · ", category, moved), near("Nearest:", part)];
    if (part !== base) {
      lines.push(near("Nearest in the reference:", base));
    }
    detail.replaceChildren(...lines);
  }

  // The drawing is ready, for the first time or again.
  place.addEventListener("atlas-figure", async ({ detail: drawn }) => {
    view = drawn.view;
    data = drawn.specification.data.name;
    const loaded = await load("head").catch(() => null);
    if (!loaded) {
      return;
    }
    if (!head) {
      head = loaded;
      build();
      listen(fieldOf());
    }
    view.signal("selected", selected);
    await show();
  });
})();
