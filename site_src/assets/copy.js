// Adds a button to each text that is there to be copied. From disk, where a browser may refuse the
// clipboard, the button selects the text instead.
(function () {
  "use strict";

  document.querySelectorAll("[data-atlas-copy]").forEach((text) => {
    const button = window.atlasMake("button", { type: "button", textContent: "Copy" });
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text.textContent);
        button.textContent = "Copied";
      } catch {
        window.getSelection().selectAllChildren(text);
        button.textContent = "Selected: copy it with your keyboard";
      }
    });
    text.after(window.atlasMake("div", { className: "atlas-bar" }, button));
  });
})();
