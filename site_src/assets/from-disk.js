// Opened from disk, a page may start no worker and read no index, so the theme's search cannot
// work. This stands in for its worker before the theme starts, and hides the search field.
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
