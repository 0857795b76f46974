// What the other scripts of a page share.
window.atlasMake = function (tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

// Rows of values as CSV. A text that a spreadsheet would take for a formula begins with an apostrophe.
window.atlasCsv = function (rows) {
  const FORMULA = /^[=+\-@\t\r]/;
  const field = (value) => {
    const isText = typeof value === "string" && Number.isNaN(Number(value));
    const text = isText && FORMULA.test(value) ? `'${value}` : `${value ?? ""}`;
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => row.map(field).join(",") + "\n").join("");
};

// Saves a file that was made in the browser.
window.atlasSave = function (name, blob) {
  const href = URL.createObjectURL(blob);
  window.atlasMake("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 0);
};

// The address of the site's root, and of the script of this page under it: `runtime/PAGE.js`, or with
// another `ending`.
window.atlasRoot = new URL("../", document.currentScript.src);
window.atlasOwnScript = function (ending = ".js") {
  const path = location.href.split(/[?#]/)[0].slice(window.atlasRoot.href.length) || "index.html";
  return `runtime/${path.replace(/\/$/, "/index.html").replace(/\.html$/, "")}${ending}`;
};

window.atlasLoad = function (path) {
  return new Promise((resolve, reject) => {
    const script = window.atlasMake("script", { src: new URL(path, window.atlasRoot).href });
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${path} could not be loaded`));
    document.head.append(script);
  });
};

// What the reader chose, kept in the address of the page (`?modality=video&sort=-flops`), so that a
// view can be linked to. Scripts that watch a name follow what others set. Unknown names and values
// are left to those that read them.
(function () {
  "use strict";

  const watchers = [];
  const parameters = () => new URLSearchParams(location.search);

  window.atlasAddress = {
    get: (name) => parameters().get(name) ?? "",

    // An empty value removes the name.
    set(name, value) {
      const kept = parameters();
      kept.delete(name);
      if (value) {
        kept.set(name, value);
      }
      // Commas, as in lists of names, are readable as they are.
      const written = kept.toString().replaceAll("%2C", ",");
      try {
        history.replaceState(null, "", `${location.pathname}${written && `?${written}`}${location.hash}`);
      } catch {
        // From disk, some browsers keep the address as it is.
      }
      watchers.filter((one) => one.name === name).forEach(({ follow }) => follow(value));
    },

    // A choice from a list: it begins with the value in the address, and follows it.
    bind(name, select) {
      const standard = select.value;
      const follow = (value) => {
        const isKnown = [...select.options].some((option) => option.value === value);
        const wanted = isKnown ? value : standard;
        if (select.value !== wanted) {
          select.value = wanted;
          select.dispatchEvent(new Event("change", { bubbles: true }));
        }
      };
      follow(this.get(name));
      select.addEventListener("change", () => this.set(name, select.value === standard ? "" : select.value));
      watchers.push({ name, follow });
    },
  };
})();
