// Titles in tables are shown by the browser, not by the theme, which watches the pointer and the
// scrolling for every element that has one: a large group's tables have hundreds. This is loaded
// before the theme, which then finds the other titles only.
document.addEventListener("DOMContentLoaded", () => {
  const held = [...document.querySelectorAll(".atlas-grid [title]")].map((element) => [element, element.title]);
  held.forEach(([element]) => element.removeAttribute("title"));
  window.addEventListener("load", () => held.forEach(([element, title]) => (element.title = title)));
});
