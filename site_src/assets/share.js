// Buttons below each figure: copy its address; save it as PNG, SVG or CSV, made in the browser from
// what is shown. A PNG carries title, source and address of its figure.
(function () {
  "use strict";

  const make = window.atlasMake;
  const MARGIN = 24;
  const LINE = 20;
  const SHARPNESS = 2;
  // Browsers refuse larger canvases.
  const LONGEST = 8192;
  // What a drawing has from the style sheet of its page.
  const STYLES = ["fill", "stroke", "stroke-width", "paint-order", "text-decoration", "image-rendering"];
  // Fields of the data that only say where and how a mark is drawn.
  const DRAWN = new Set(
    "x y x2 y2 dx dy start end colour fill shape align short row key href baseline sign shown told".split(" "),
  );
  // These turn the text after them around.
  const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

  const visible = (text) =>
    text.replace(TURNING, (sign) => `[U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}]`);

  const addressOf = (id) => `${location.href.split("#")[0]}#${id}`;
  const heading = () => document.querySelector("h1").textContent.replace(/#$/, "").trim();

  // Printed in files is the public address; folders of this machine are not.
  function printedAddress(id) {
    const canonical = document.querySelector("link[rel=canonical]")?.href;
    const isLocal = location.protocol === "file:";
    const page = canonical ?? (isLocal ? location.href.slice(window.atlasRoot.href.length).split(/[?#]/)[0] : location.href.split(/[?#]/)[0]);
    return `${page}${location.search}#${id}`;
  }

  function sourceOf() {
    const imported = document.querySelector("[data-atlas-source]")?.textContent.trim();
    return ["Diffusion Atlas", heading(), imported && `Distances ${imported}`].filter(Boolean).map(visible);
  }

  // A drawing of its own: with the styles of the page, and without its tooltips' elements.
  function standing(drawing, title, id) {
    const copy = drawing.cloneNode(true);
    const originals = drawing.querySelectorAll("text, image, path, line, rect, circle, polygon, tspan");
    const copies = copy.querySelectorAll("text, image, path, line, rect, circle, polygon, tspan");
    copies.forEach((element, place) => {
      const style = getComputedStyle(originals[place]);
      STYLES.forEach((name) => element.style.setProperty(name, style.getPropertyValue(name)));
    });
    const { color, fontFamily, fontSize } = getComputedStyle(drawing);
    Object.assign(copy.style, { color, fontFamily, fontSize, minWidth: "", background: paper() });
    const { width, height } = drawing.getBoundingClientRect();
    const attributes = { xmlns: "http://www.w3.org/2000/svg", width, height };
    Object.entries(attributes).forEach(([name, value]) => copy.setAttribute(name, value));
    const named = (tag, textContent) => {
      copy.querySelector(`:scope > ${tag}`)?.remove();
      const element = document.createElementNS(attributes.xmlns, tag);
      copy.prepend(Object.assign(element, { textContent }));
    };
    named("desc", `${sourceOf().join(". ")}. ${printedAddress(id)}`);
    named("title", visible(title));
    return { text: new XMLSerializer().serializeToString(copy), width, height };
  }

  const paper = () => getComputedStyle(document.body).backgroundColor;

  // Lines of a text that are at most `width` wide.
  function wrapped(pen, text, width) {
    const lines = [""];
    for (const word of text.split(/\s+/)) {
      const longer = `${lines.at(-1)} ${word}`.trim();
      if (lines.at(-1) && pen.measureText(longer).width > width) {
        lines.push(word);
      } else {
        lines[lines.length - 1] = longer;
      }
    }
    return lines;
  }

  async function picture({ text, width, height }, title, id) {
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    const canvas = make("canvas");
    const pen = canvas.getContext("2d");
    const fonts = ["600 17px system-ui, sans-serif", "12px system-ui, sans-serif"];
    const parts = [[visible(title)], [sourceOf().join(". "), printedAddress(id)]].map((texts, place) => {
      pen.font = fonts[place];
      return texts.flatMap((each) => wrapped(pen, each, width));
    });
    const whole = [width + 2 * MARGIN, height + 3 * MARGIN + LINE * (parts[0].length + parts[1].length)];
    const scale = Math.min(SHARPNESS, LONGEST / Math.max(...whole));
    [canvas.width, canvas.height] = whole.map((length) => Math.ceil(length * scale));
    pen.scale(scale, scale);
    pen.fillStyle = paper();
    pen.fillRect(0, 0, ...whole);
    pen.fillStyle = getComputedStyle(document.body).color;
    let top = MARGIN;
    parts.forEach((lines, place) => {
      pen.font = fonts[place];
      for (const line of lines) {
        pen.fillText(line, MARGIN, top + 0.75 * LINE);
        top += LINE;
      }
      if (!place) {
        pen.drawImage(image, MARGIN, top + MARGIN / 2, width, height);
        top += height + MARGIN;
      }
    });
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  }

  // The marks of a specification, with their data.
  function* marksOf(part, given = {}) {
    const data = part.data ?? given.data;
    const encoding = { ...given.encoding, ...part.encoding };
    const lookups = [...(given.lookups ?? []), ...(part.transform ?? []).filter(({ lookup }) => lookup)];
    for (const each of part.layer ?? part.hconcat ?? part.vconcat ?? [part.spec ?? []].flat()) {
      yield* marksOf(each, { data, encoding, lookups });
    }
    if (part.mark && data?.name) {
      const isLine = (part.mark.type ?? part.mark) === "rule";
      yield { name: data.name, isLine, isTold: Boolean(encoding.tooltip), encoding, lookups };
    }
  }

  // The data of a figure as rows, with their titles. A matrix is square; else there is one row for
  // each mark that tells something, of the first kind that is not a line between others.
  function tableOf({ usermeta, datasets, ...specification }) {
    const { cells } = usermeta ?? {};
    if (cells) {
      const names = datasets[cells.rows.name].map(({ whole, name }) => whole ?? name);
      const told = datasets[cells.told.name].split(" ");
      const place = (low, high) => low * names.length - (low * (low + 1)) / 2 + high - low - 1;
      const value = (a, b) => (a === b ? "0" : told[place(Math.min(a, b), Math.max(a, b))]);
      return [["", ...names], ...names.map((name, a) => [name, ...names.map((_, b) => value(a, b).replace("–", ""))])];
    }
    const marks = [...marksOf(specification)].sort((a, b) => b.isTold - a.isTold || a.isLine - b.isLine);
    const [{ name: first, encoding, lookups }] = marks;
    const fieldsOf = (name) => Object.keys(datasets[name][0] ?? {}).join();
    const alike = marks.map(({ name }) => name).filter((name) => fieldsOf(name) === fieldsOf(first));
    const rows = [...new Set(alike)].flatMap((name) => datasets[name]).map((row) => {
      const found = { ...row };
      for (const { lookup, from, as } of lookups) {
        const other = datasets[from.data.name]?.find((one) => one[from.key] === row[lookup]) ?? {};
        from.fields?.forEach((field, n) => (found[as?.[n] ?? field] = other[field]));
      }
      return found;
    });
    const fields = [...new Set(rows.flatMap(Object.keys))].filter((field) => !DRAWN.has(field));
    // A place is a number only along an axis that has a title.
    const axes = [encoding.x, encoding.y].filter((one) => one?.title && DRAWN.has(one.field));
    const heads = [...fields, ...axes.map(({ title }) => title)];
    const columns = [...fields, ...axes.map(({ field }) => field)];
    return [heads, ...rows.map((row) => columns.map((column) => row[column]))];
  }

  async function drawingOf(place, view) {
    const drawn = [...place.querySelectorAll("svg, canvas")].find((each) => each.getClientRects().length);
    if (drawn?.tagName !== "CANVAS") {
      return [drawn, () => {}];
    }
    // Drawn again as it is, out of sight, since styles are of elements in the page.
    const parsed = new DOMParser().parseFromString(await view.toSVG(), "image/svg+xml").documentElement;
    const holder = make("div", { className: "atlas-unseen", ariaHidden: true }, document.adoptNode(parsed));
    place.append(holder);
    return [parsed, () => holder.remove()];
  }

  // Buttons after `place`; `read` gives the title of the figure that is shown, its specification and
  // its view, where there are such.
  window.atlasShare = function (place, read) {
    const { id } = place;
    const name = `${(location.pathname.split("/").pop() || "index").replace(/\.html$/, "")}-${id}`;
    const button = (textContent, title, act) => {
      const one = make("button", { type: "button", textContent, title });
      one.addEventListener("click", async () => {
        try {
          one.textContent = (await act()) ?? textContent;
        } catch (error) {
          console.warn(`${id}: ${error}`);
          one.textContent = "Not possible here";
        }
      });
      return one;
    };
    const drawn = async (finish) => {
      const { title, view } = await read();
      const [drawing, clean] = await drawingOf(place, view);
      try {
        await finish(standing(drawing, title, id), title);
      } finally {
        clean();
      }
    };
    const copy = button("Copy link", "Copy the address of this figure", async () => {
      try {
        await navigator.clipboard.writeText(addressOf(id));
        return "Copied";
      } catch {
        // From disk a browser may refuse the clipboard.
        location.hash = id;
        return "It is in the address bar";
      }
    });
    const png = button("PNG", "Save as a picture, with title, source and address", () =>
      drawn(async (one, title) => window.atlasSave(`${name}.png`, await picture(one, title, id))),
    );
    const svg = button("SVG", "Save as a drawing", () =>
      drawn(({ text }) => window.atlasSave(`${name}.svg`, new Blob([text], { type: "image/svg+xml" }))),
    );
    const csv = button("CSV", "Save the numbers of this figure", async () => {
      const table = tableOf((await read()).specification);
      window.atlasSave(`${name}.csv`, new Blob([window.atlasCsv(table)], { type: "text/csv" }));
    });
    const bar = make("div", { className: "atlas-bar atlas-share", role: "group", ariaLabel: "Share the figure" });
    bar.append(copy, png, svg, ...(place.dataset.atlasPlace ? [csv] : []));
    place.after(bar);
  };

  // A part of the page in closed details is shown if the address names it.
  function open() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    let closed = target?.closest("details:not([open])");
    while (closed) {
      closed.open = true;
      closed = closed.closest("details:not([open])");
      target.scrollIntoView();
    }
  }

  document.querySelectorAll(".atlas-diagram-section .atlas-zoom__view").forEach((view) => {
    view.id ||= view.closest("section").id.replace("-diagram", "-drawing");
    const title = view.ariaLabel.replace(", scrollable", "");
    window.atlasShare(view, async () => ({ title }));
  });
  window.addEventListener("hashchange", open);
  open();
})();
