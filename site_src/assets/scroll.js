// Marks scrollable areas while there is more to the right or below, and counts the rows of
// scrollable tables: a table of which a screen shows only the first rows looks complete.
(function () {
  "use strict";

  const marks = new Map();

  // All that changed are measured before any is marked: what is marked has to be laid out again.
  const observer = new ResizeObserver((entries) => {
    const places = new Set(entries.map(({ target }) => (marks.has(target) ? target : target.parentElement)));
    update([...places].filter((place) => marks.has(place)));
  });

  function measured(place) {
    const { scrollWidth, clientWidth, scrollLeft, scrollHeight, clientHeight, scrollTop } = place;
    return {
      across: scrollWidth - clientWidth - scrollLeft > 1,
      below: scrollHeight - clientHeight - scrollTop > 1,
      isCut: scrollHeight > clientHeight + 1,
    };
  }

  function update(places) {
    const found = places.map((place) => [place, measured(place)]);
    for (const [place, { across, below, isCut }] of found) {
      place.classList.toggle("has-more", across);
      place.classList.toggle("has-below", below);
      const rows = [...place.querySelectorAll(":scope > table > tbody > tr")].filter((row) => !row.hidden);
      const note = marks.get(place);
      // Of long tables, another note says which rows are shown.
      note.hidden = !isCut || !rows.length || Boolean(place.closest("[data-atlas-rows]"));
      note.textContent = `${rows.length.toLocaleString("en")} rows: scroll to see all.`;
    }
  }

  // Watches one area; call the returned function to mark it again after its content has changed.
  function watch(place) {
    const note = window.atlasMake("p", { className: "atlas-quiet atlas-more", hidden: true });
    place.after(note);
    marks.set(place, note);
    const again = () => update([place]);
    place.addEventListener("scroll", again, { passive: true });
    observer.observe(place);
    if (place.firstElementChild) {
      observer.observe(place.firstElementChild);
    }
    return again;
  }

  window.atlasMarkScrolling = watch;
  document.querySelectorAll(".atlas-scroll").forEach(watch);
})();
