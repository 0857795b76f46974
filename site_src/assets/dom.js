// What the other scripts of a page share.
window.atlasMake = function (tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
