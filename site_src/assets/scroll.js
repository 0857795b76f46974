// Marks what scrolls sideways for as long as more lies to the right.
(function () {
  "use strict";

  for (const place of document.querySelectorAll(".atlas-scroll")) {
    const update = () => {
      const rest = place.scrollWidth - place.clientWidth - place.scrollLeft;
      place.classList.toggle("has-more", rest > 1);
    };
    place.addEventListener("scroll", update, { passive: true });
    const observer = new ResizeObserver(update);
    observer.observe(place);
    observer.observe(place.firstElementChild);
  }
})();
