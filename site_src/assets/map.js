// Lays an interactive map of prompts over the drawn one: hover, search, categories, encoders.
// The page works without this: its picture and tables are there already.
(function () {
  "use strict";

  const NEAR = 14;
  const LONGEST = { tip: 80, selected: 200, neighbour: 40 };
  const SCRIPTS = new URL(".", document.currentScript.src);

  function make(tag, properties, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  // Data come as scripts, each with one call of `atlasMapPart`: a page from disk may fetch nothing.
  const parts = new Map();
  window.atlasMapPart = (name, part, content) => parts.set(`${name}/${part}`, content);

  // Each part is asked for once, however often it is needed before it is there.
  const asked = new Map();

  function load(name, part) {
    const key = `${name}/${part}`;
    if (!asked.has(key)) {
      asked.set(key, fetchPart(key));
      // What failed may be there next time.
      asked.get(key).catch(() => asked.delete(key));
    }
    return asked.get(key);
  }

  function fetchPart(key) {
    return new Promise((resolve, reject) => {
      const script = make("script", { src: new URL(`../embeddings/${key}.js`, SCRIPTS).href });
      script.onload = () => (parts.has(key) ? resolve(parts.get(key)) : reject(new Error(key)));
      script.onerror = () => reject(new Error(key));
      document.head.append(script);
    });
  }

  // As the page has it: a long text cut in the middle, with the whole on hover, and apart from the
  // direction in which the text around it is read.
  function textOf(text, longest) {
    const whole = text.trim() ? text : "(empty prompt)";
    const signs = [...whole];
    if (signs.length <= longest) {
      return make("bdi", { textContent: whole });
    }
    const head = Math.floor((longest - 1) / 2);
    const tail = signs.slice(signs.length - (longest - 1 - head));
    return make("bdi", { textContent: `${signs.slice(0, head).join("")}…${tail.join("")}`, title: whole });
  }

  // A line with a small head at its end.
  function arrow([x, y], [toX, toY]) {
    const path = new Path2D();
    const angle = Math.atan2(toY - y, toX - x);
    const size = Math.min(6, Math.hypot(toX - x, toY - y));
    path.moveTo(x, y);
    path.lineTo(toX, toY);
    for (const turn of [0.5, -0.5]) {
      path.moveTo(toX, toY);
      path.lineTo(toX - size * Math.cos(angle + turn), toY - size * Math.sin(angle + turn));
    }
    return path;
  }

  const AXES = {
    shared: "The reference’s, with movement",
    own: "The encoder’s own",
    tsne: "Neighbourhoods (t-SNE)",
  };

  class PromptMap {
    constructor(place, head) {
      this.name = place.dataset.atlasMap;
      this.head = head;
      this.shapes = head.categories.map(({ shape }) => new Path2D(shape));
      this.hidden = new Set();
      this.found = null;
      this.selected = -1;
      this.view = { scale: 1, x: 0, y: 0 };
      this.build(place);
      this.show();
    }

    build(place) {
      this.canvas = make("canvas", { className: "atlas-map__canvas", tabIndex: 0 });
      this.canvas.setAttribute("role", "img");
      this.tip = make("div", { className: "atlas-map__tip", hidden: true });
      this.ring = make("span", { className: "atlas-map__ring", hidden: true });
      this.field = make("div", { className: "atlas-map__field" }, this.canvas, this.ring, this.tip);
      this.detail = make("div", { className: "atlas-map__detail" });
      this.detail.setAttribute("role", "status");
      this.encoder = this.choice("Encoder", this.head.encoders.map(({ name }, n) => [n, name]));
      this.kind = this.choice("Vectors", this.head.kinds.map(({ id, label }) => [id, label]));
      this.axes = this.choice("Axes", Object.entries(AXES));
      this.encoder.value = place.dataset.atlasEncoder;
      this.search = make("input", { type: "search", placeholder: "Search a prompt" });
      this.search.setAttribute("aria-label", "Search a prompt");
      this.status = make("span", { className: "atlas-quiet" });
      this.status.setAttribute("role", "status");
      const bar = make(
        "div",
        { className: "atlas-bar" },
        ...[this.encoder, this.kind, this.axes].map((select) => select.parentNode),
        this.search,
        ...this.zoomButtons(),
        this.status,
      );
      this.listen();
      place.querySelector(".atlas-map__static").replaceWith(this.field, bar, this.detail);
      this.makeCategories(place);
      place.querySelector(".atlas-map__said").textContent =
        "Hover over a point to read its prompt; select it to see its neighbours.";
    }

    choice(label, options) {
      const select = make("select", {});
      select.setAttribute("aria-label", label);
      select.append(...options.map(([value, textContent]) => make("option", { value, textContent })));
      select.addEventListener("change", () => this.show());
      make("label", {}, `${label} `, select);
      return select;
    }

    zoomButtons() {
      const act = (textContent, label, change) => {
        const button = make("button", { type: "button", textContent });
        button.setAttribute("aria-label", label);
        button.addEventListener("click", change);
        return button;
      };
      return [
        act("+", "Zoom in", () => this.zoom(1.5)),
        act("−", "Zoom out", () => this.zoom(1 / 1.5)),
        act("Fit", "Fit: show the whole map", () => {
          this.view = { scale: 1, x: 0, y: 0 };
          this.draw();
        }),
      ];
    }

    makeCategories(place) {
      const items = place.querySelectorAll(".atlas-legend li");
      items.forEach((item, category) => {
        const button = make("button", { type: "button", className: "atlas-map__category" });
        button.append(...item.childNodes);
        button.setAttribute("aria-pressed", "true");
        button.addEventListener("click", () => {
          const on = this.hidden.delete(category);
          if (!on) {
            this.hidden.add(category);
          }
          button.setAttribute("aria-pressed", String(on));
          if (this.hidden.has(this.head.category[this.selected])) {
            this.select(-1);
          }
          this.find();
        });
        item.replaceChildren(button);
      });
    }

    listen() {
      const { canvas } = this;
      let from = null;
      canvas.addEventListener("pointermove", (event) => {
        if (from && event.buttons) {
          this.view.x += event.offsetX - from.x;
          this.view.y += event.offsetY - from.y;
          from = { x: event.offsetX, y: event.offsetY, moved: true };
          this.draw();
        } else {
          this.hover(event.offsetX, event.offsetY);
        }
      });
      canvas.addEventListener("pointerdown", (event) => {
        from = { x: event.offsetX, y: event.offsetY, moved: false };
      });
      canvas.addEventListener("pointerup", (event) => {
        if (from && !from.moved) {
          this.select(this.nearest(event.offsetX, event.offsetY));
        }
        from = null;
      });
      canvas.addEventListener("pointerleave", () => (this.tip.hidden = true));
      canvas.addEventListener("keydown", (event) => this.press(event));
      this.search.addEventListener("input", () => this.find());
      this.search.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && this.found?.length) {
          const next = this.found.indexOf(this.selected) + 1;
          this.select(this.found[next % this.found.length]);
        }
      });
      new ResizeObserver(() => this.draw()).observe(this.field);
      // Ink and paper are the page's.
      new MutationObserver(() => this.draw()).observe(document.body, {
        attributeFilter: ["data-md-color-scheme"],
      });
    }

    // Arrows go from prompt to prompt among those that are shown, Escape gives up the selection.
    press(event) {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") {
        this.select(-1);
      } else if (step) {
        event.preventDefault();
        const shown = this.shown();
        const at = shown.indexOf(this.selected);
        this.select(shown[(at + step + shown.length) % shown.length] ?? -1);
      }
    }

    async show() {
      const encoder = Number(this.encoder.value);
      const kinds = this.head.encoders[encoder].explained;
      for (const option of this.kind.options) {
        option.disabled = !(option.value in kinds);
      }
      if (!(this.kind.value in kinds)) {
        this.kind.value = Object.keys(kinds)[0];
      }
      const { reference } = this.head.encoders[encoder];
      const kind = this.kind.value;
      const asked = (this.asked = `${encoder}.${kind}`);
      try {
        const [part, base] = await Promise.all(
          [encoder, reference].map((number) => load(this.name, `${number}.${kind}`)),
        );
        if (asked === this.asked) {
          this.part = part;
          this.base = base;
          this.isReference = encoder === reference;
          this.update(encoder, reference, kind);
        }
      } catch (error) {
        this.status.textContent = `The points could not be loaded (${error.message}).`;
      }
    }

    update(encoder, reference, kind) {
      for (const option of this.axes.options) {
        option.disabled = option.value === "tsne" && !this.part.tsne;
      }
      if (this.axes.value === "tsne" && !this.part.tsne) {
        this.axes.value = "shared";
      }
      this.tip.hidden = true;
      const axes = this.axes.value;
      // As in the drawn map, points are where the reference has the prompts, and arrows lead from
      // there to where the encoder has them.
      const moves = axes === "shared" && !this.isReference;
      this.points = moves ? this.base.own : this.part[axes];
      this.ends = moves ? this.part.shared : null;
      const owner = axes === "shared" ? reference : encoder;
      this.explained = axes === "tsne" ? null : this.head.encoders[owner].explained[kind];
      this.canvas.setAttribute(
        "aria-label",
        `Map of ${this.points.length} prompts in ${this.head.encoders[encoder].name}. ` +
          "Arrow keys go from prompt to prompt.",
      );
      this.field.dataset.shows = `${encoder}.${kind}.${axes}`;
      this.draw();
      this.tell();
    }

    shown() {
      return this.head.prompts
        .map((_, n) => n)
        .filter((n) => !this.hidden.has(this.head.category[n]) && (!this.matches || this.matches[n]));
    }

    find() {
      const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
      this.matches = words.length
        ? this.head.prompts.map((text) => words.every((word) => text.toLowerCase().includes(word)))
        : null;
      this.found = this.matches && this.shown();
      this.status.textContent = this.found
        ? `${this.found.length} of ${this.head.prompts.length} prompts`
        : "";
      this.draw();
    }

    zoom(factor) {
      const { width, height } = this.field.getBoundingClientRect();
      this.view.x = width / 2 + (this.view.x - width / 2) * factor;
      this.view.y = height / 2 + (this.view.y - height / 2) * factor;
      this.view.scale *= factor;
      this.draw();
    }

    // One scale for both axes, around all points and where they came from.
    layOut(width, height) {
      const all = this.ends ? this.points.concat(this.ends) : this.points;
      const low = [Infinity, Infinity];
      const high = [-Infinity, -Infinity];
      for (const point of all) {
        for (const axis of [0, 1]) {
          low[axis] = Math.min(low[axis], point[axis]);
          high[axis] = Math.max(high[axis], point[axis]);
        }
      }
      const margin = 30;
      const extent = [0, 1].map((axis) => Math.max(high[axis] - low[axis], 1e-9));
      const scale = Math.min((width - 2 * margin) / extent[0], (height - 2 * margin) / extent[1]);
      const middle = [0, 1].map((axis) => (low[axis] + high[axis]) / 2);
      return ([x, y]) => [
        this.view.x + this.view.scale * (width / 2 + (x - middle[0]) * scale),
        this.view.y + this.view.scale * (height / 2 - (y - middle[1]) * scale),
      ];
    }

    draw() {
      if (!this.points) {
        return;
      }
      const { width, height } = this.field.getBoundingClientRect();
      const ratio = window.devicePixelRatio || 1;
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
      const pen = this.canvas.getContext("2d");
      pen.scale(ratio, ratio);
      const ink = getComputedStyle(this.field).color;
      const place = this.layOut(width, height);
      this.places = this.points.map(place);
      const shown = new Set(this.shown());
      this.canvas.dataset.shown = String(shown.size);
      pen.lineWidth = 1;
      pen.globalAlpha = 0.6;
      for (const n of this.ends ? shown : []) {
        pen.strokeStyle = this.head.categories[this.head.category[n]].colour;
        pen.stroke(arrow(this.places[n], place(this.ends[n])));
      }
      const small = this.points.length > 2000 ? 0.6 : 1;
      pen.strokeStyle = ink;
      this.places.forEach(([x, y], n) => {
        const category = this.head.category[n];
        if (this.hidden.has(category)) {
          return;
        }
        pen.save();
        pen.globalAlpha = shown.has(n) ? 0.9 : 0.12;
        pen.translate(x, y);
        pen.scale(small, small);
        pen.fillStyle = this.head.categories[category].colour;
        pen.fill(this.shapes[category]);
        pen.lineWidth = 0.5;
        pen.stroke(this.shapes[category]);
        pen.restore();
      });
      this.label(pen, ink, width, height);
      this.placeRing();
    }

    label(pen, ink, width, height) {
      if (!this.explained) {
        return;
      }
      pen.globalAlpha = 1;
      pen.fillStyle = ink;
      pen.font = "12px system-ui, sans-serif";
      pen.textAlign = "center";
      pen.fillText(`First axis: ${this.explained[0].toFixed(1)} % of the variance`, width / 2, height - 6);
      pen.translate(14, height / 2);
      pen.rotate(-Math.PI / 2);
      pen.fillText(`Second axis: ${this.explained[1].toFixed(1)} %`, 0, 0);
    }

    placeRing() {
      this.ring.hidden = this.selected < 0;
      if (this.selected >= 0) {
        const [x, y] = this.places[this.selected];
        this.ring.style.translate = `${x}px ${y}px`;
      }
    }

    nearest(x, y) {
      let best = -1;
      let least = NEAR * NEAR;
      for (const n of this.places ? this.shown() : []) {
        const apart = (this.places[n][0] - x) ** 2 + (this.places[n][1] - y) ** 2;
        if (apart < least) {
          least = apart;
          best = n;
        }
      }
      return best;
    }

    hover(x, y) {
      const n = this.nearest(x, y);
      this.tip.hidden = n < 0;
      this.canvas.style.cursor = n < 0 ? "" : "pointer";
      if (n >= 0) {
        this.tip.replaceChildren(textOf(this.head.prompts[n], LONGEST.tip), " · ", this.categoryOf(n));
        const right = x > this.field.clientWidth / 2;
        this.tip.style.left = right ? "" : `${x + 14}px`;
        this.tip.style.right = right ? `${this.field.clientWidth - x + 14}px` : "";
        this.tip.style.top = `${Math.max(0, y - 30)}px`;
      }
    }

    categoryOf(n) {
      return make("bdi", { textContent: this.head.categories[this.head.category[n]].name });
    }

    select(n) {
      this.selected = n ?? -1;
      if (this.places) {
        this.placeRing();
        this.tell();
      }
    }

    // The selected prompt, how far it moved, and its neighbours here and in the reference.
    tell() {
      const n = this.selected;
      if (n < 0) {
        this.detail.replaceChildren();
        return;
      }
      const moved = this.isReference ? "" : `, moved by a cosine distance of ${this.part.moved[n]}`;
      const near = (said, part) => {
        const line = make("p", { textContent: said });
        part.near[n].forEach((other, k) => {
          const text = textOf(this.head.prompts[other], LONGEST.neighbour);
          line.append(k ? ", " : " ", text, ` (${part.apart[n][k]})`);
        });
        return line;
      };
      const name = make("strong", {}, textOf(this.head.prompts[n], LONGEST.selected));
      const lines = [make("p", {}, name, " · ", this.categoryOf(n), moved), near("Nearest:", this.part)];
      if (!this.isReference) {
        lines.push(near("Nearest in the reference:", this.base));
      }
      this.detail.replaceChildren(...lines);
    }
  }

  for (const place of document.querySelectorAll("[data-atlas-map]")) {
    load(place.dataset.atlasMap, "head")
      .then((head) => new PromptMap(place, head))
      .catch(() => {});
  }
})();
