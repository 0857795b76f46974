// Marks scrollable areas while there is more to the right or below, and counts the rows of
// scrollable tables: a table of which a screen shows only the first rows looks complete.
(function () {
  "use strict";

  // Watches one area; call the returned function to mark it again after its content has changed.
  function watch(place) {
    const note = window.atlasMake("p", { className: "atlas-quiet atlas-more", hidden: true });
    place.after(note);
    const update = () => {
      const across = place.scrollWidth - place.clientWidth - place.scrollLeft;
      const down = place.scrollHeight - place.clientHeight - place.scrollTop;
      place.classList.toggle("has-more", across > 1);
      place.classList.toggle("has-below", down > 1);
      const rows = [...place.querySelectorAll(":scope > table > tbody > tr")].filter((row) => !row.hidden);
      const isCut = place.scrollHeight > place.clientHeight + 1;
      // Of long tables, another note says which rows are shown.
      note.hidden = !isCut || !rows.length || Boolean(place.closest("[data-atlas-rows]"));
      note.textContent = `${rows.length.toLocaleString("en")} rows: scroll to see all.`;
    };
    place.addEventListener("scroll", update, { passive: true });
    const observer = new ResizeObserver(update);
    observer.observe(place);
    if (place.firstElementChild) {
      observer.observe(place.firstElementChild);
    }
    return update;
  }

  window.atlasMarkScrolling = watch;
  document.querySelectorAll(".atlas-scroll").forEach(watch);
})();
