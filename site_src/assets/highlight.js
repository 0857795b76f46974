// Highlights the members of a group whose names contain what the reader types, or that have it as
// their number: rows of tables here, and what follows it elsewhere. It is kept in the address.
window.atlasHighlight = (function () {
  "use strict";

  const field = document.querySelector("[data-atlas-highlight]");
  const followers = [];
  const found = { numbers: [], follow: (follower) => followers.push(follower), toggle() {} };
  if (!field) {
    return found;
  }

  const status = field.parentElement.querySelector("[role=status]");
  const members = [...field.list.options].map(({ value, dataset }) => ({
    name: value,
    words: value.toLowerCase(),
    number: Number(dataset.number),
  }));
  const rows = [...document.querySelectorAll("tr[data-member]")];

  // One whole name is that member, although others may contain it.
  function matches(typed) {
    const words = typed.trim().toLowerCase();
    const whole = members.filter((one) => one.words === words);
    const some = members.filter((one) => words && (one.words.includes(words) || `${one.number}` === words));
    return (whole.length ? whole : some).map(({ number }) => number);
  }

  // Scrolls only the table, so that one of its rows is in view.
  function reveal(row) {
    const view = row.closest(".atlas-scroll");
    // Far from the screen, a table has nothing to scroll.
    view.style.contentVisibility = "visible";
    const [frame, box] = [view, row].map((element) => element.getBoundingClientRect());
    const top = frame.top + row.closest("table").tHead.offsetHeight;
    if (box.top < top || box.bottom > frame.bottom) {
      view.scrollTop += (box.top + box.bottom - top - frame.bottom) / 2;
    }
  }

  function apply() {
    found.numbers = matches(field.value);
    const marked = rows.filter((row) => found.numbers.includes(Number(row.dataset.member)));
    rows.forEach((row) => row.classList.toggle("is-marked", marked.includes(row)));
    marked.slice(0, 1).forEach(reveal);
    status.textContent = field.value.trim() ? `${found.numbers.length} of ${members.length}` : "";
    followers.forEach((follower) => follower(found.numbers));
  }

  found.toggle = function (number) {
    const isOnly = found.numbers.length === 1 && found.numbers[0] === number;
    field.value = isOnly ? "" : members.find((one) => one.number === number).name;
    field.dispatchEvent(new Event("input"));
  };
  field.addEventListener("input", () => {
    window.atlasAddress.set("highlight", field.value.trim());
    apply();
  });
  for (const row of rows) {
    row.addEventListener("click", (event) => {
      if (!event.target.closest("a")) {
        found.toggle(Number(row.dataset.member));
      }
    });
  }
  field.value = window.atlasAddress.get("highlight");
  apply();
  return found;
})();
