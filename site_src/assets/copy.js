// Adds a button to each text that is there to be copied. From disk, where a browser may refuse the
// clipboard, the button selects the text instead.
(function () {
  "use strict";

  document.querySelectorAll("[data-atlas-copy]").forEach((text) => {
    const bar = document.createElement("div");
    const button = document.createElement("button");
    bar.className = "atlas-bar";
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text.textContent);
        button.textContent = "Copied";
      } catch {
        window.getSelection().selectAllChildren(text);
        button.textContent = "Selected: copy it with your keyboard";
      }
    });
    bar.append(button);
    text.after(bar);
  });
})();
