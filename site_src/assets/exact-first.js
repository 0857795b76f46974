// The theme's search puts rare words first: "LTX-2.3 22B" before "LTX-2 19B" for who asks for the
// latter. This puts the page first whose title, or a tag of it, is what was asked for; then those, and
// of each page the part, that have the words as they were asked, beside each other. It also mends the
// search of numbers. It is loaded before the theme, whose search is a worker.
(function () {
  "use strict";

  const plain = (text) =>
    text
      .replace(/<[^>]*>|&#?\w+;/g, " ")
      .replace(/[^\p{L}\p{N}.]+/gu, " ")
      .trim()
      .toLowerCase();

  // lunr joins what names a node of its words without marks between: 1 and node 23 is 12 and node 3.
  // Words of digits then lead to words that are nowhere, and the question fails.
  function mend() {
    lunr.TokenSet.prototype.toString = function () {
      const edges = Object.keys(this.edges).sort();
      return this._str ?? [+this.final, ...edges.map((edge) => edge + this.edges[edge].id)].join("\n");
    };
  }

  // From disk there are no workers: the theme runs the script in a frame.
  function mended(script) {
    if (!location.protocol.startsWith("http")) {
      return script;
    }
    const source = `importScripts(${JSON.stringify(new URL(script, location.href).href)}); (${mend})();`;
    return URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  }

  window.Worker = class extends window.Worker {
    constructor(script, ...rest) {
      super(mended(script), ...rest);
      this.addEventListener("message", ({ data: message }) => {
        const isAskedFor = ({ location, title, tags = [] }) =>
          !location.includes("#") && [title, ...tags].some((name) => plain(name) === this.asked);
        const says = ({ title, text }) => /[ \d]/.test(this.asked) && ` ${plain(`${title} ${text}`)} `.includes(` ${this.asked} `);
        const rank = (parts) => 2 * parts.some(isAskedFor) + parts.some(says);
        message?.data?.items?.forEach((parts) => parts.sort((a, b) => says(b) - says(a)));
        message?.data?.items?.sort((a, b) => rank(b) - rank(a));
      });
    }

    postMessage(message, ...rest) {
      if (typeof message?.data === "string") {
        this.asked = plain(message.data);
      }
      super.postMessage(message, ...rest);
    }
  };
})();
