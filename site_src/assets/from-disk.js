// A page opened from disk cannot start a worker or read an index, so the theme's search cannot
// work. This replaces its worker before the theme starts, and hides the search field.
(function () {
  "use strict";
  if (location.protocol !== "file:") {
    return;
  }
  document.documentElement.classList.add("atlas-from-disk");
  window.Worker = class extends EventTarget {
    postMessage() {}
    terminate() {}
  };
})();
