// The theme's search puts rare words first: "LTX-2.3 22B" before "LTX-2 19B" for who asks for the
// latter. This puts the page first whose title, or a tag of it, is what was asked for. It is loaded
// before the theme, whose search is a worker.
(function () {
  "use strict";

  const plain = (text) =>
    text
      .replace(/<[^>]*>|&#?\w+;/g, " ")
      .replace(/[^\p{L}\p{N}.]+/gu, " ")
      .trim()
      .toLowerCase();

  window.Worker = class extends window.Worker {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data: message }) => {
        const isAskedFor = ({ location, title, tags = [] }) =>
          !location.includes("#") && [title, ...tags].some((name) => plain(name) === this.asked);
        message?.data?.items?.sort((a, b) => b.some(isAskedFor) - a.some(isAskedFor));
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
