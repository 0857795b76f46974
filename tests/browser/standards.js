// What axe-core finds wrong with the page, where it looks once at what is alike.
async options => {
  // Rows of a table and marks of a chart are thousands of elements. Siblings pass and fail alike
  // if they and all below them agree in names, attributes (in these with their values; of others,
  // in whether they are empty) and in whether there is text.
  const LOOKS = ['class', 'fill', 'font-size', 'opacity', 'role', 'stroke', 'style', 'type'];
  // What is not sure of a single sign, axe does not report.
  const textLength = node => Math.min(node.textContent.trim().length, 2);

  function writeShapes(element, shapes) {
    const attributes = [...element.attributes].map(({ name, value }) => (
      LOOKS.includes(name) ? `${name}=${value}` : value.trim() ? name : `empty ${name}`));
    const inside = [...element.childNodes].map(node => (
      node.nodeType === Node.ELEMENT_NODE ? writeShapes(node, shapes) : textLength(node)));
    shapes.set(element, `<${element.localName} ${attributes}>${inside}</>`);
    return shapes.get(element);
  }

  // Of siblings alike, all but the first three and the last three leave, unless they have ids.
  function thin(parent, shapes, left) {
    for (const alike of Map.groupBy(parent.children, child => shapes.get(child)).values()) {
      for (const child of alike.slice(3, -3)) {
        if (!child.id && !child.querySelector('[id]')) {
          left.push([child, parent, child.nextSibling]);
          child.remove();
        }
      }
    }
    [...parent.children].forEach(child => thin(child, shapes, left));
  }

  // Contrast is most of what axe does, and for each text it depends on nothing but the text's own
  // style and what is behind it. So of all visible texts that agree in both, three are looked at:
  // the first, the middle one and the last, as axe passes over a text that something covers.
  const BEHIND = ['backgroundColor', 'backgroundImage', 'opacity', 'filter', 'mixBlendMode'];
  const OWN = ['color', 'fill', 'fontSize', 'fontWeight', 'textShadow', 'webkitTextFillColor'];
  const PLAIN = 'rgba(0, 0, 0, 0),none,1,none,normal';
  const isOpaque = own => /^rgb\(.*\),none,1,none,normal$/.test(own);

  // Equal for two elements only if the same is behind their texts.
  function ground(element, grounds) {
    if (!grounds.has(element)) {
      const style = getComputedStyle(element);
      const own = BEHIND.map(name => style[name]).join();
      const moves = !['static', 'relative'].includes(style.position);
      const below = ground(element.parentElement, grounds);
      grounds.set(element, isOpaque(own) ? own
        // Anything may be below what leaves its place.
        : moves ? `${grounds.size} ${own}` : own === PLAIN ? below : `${own} on ${below}`);
    }
    return grounds.get(element);
  }

  function isVisibleText(element) {
    const isText = node => node.nodeType === Node.TEXT_NODE && textLength(node) > 0;
    return (element.matches('input, select, textarea') || [...element.childNodes].some(isText))
      && element.checkVisibility({ visibilityProperty: true });
  }

  function markTexts(grounds) {
    const texts = [...document.body.querySelectorAll('*')].filter(isVisibleText);
    const kind = element => [
      element.localName, element.closest(':disabled, [aria-disabled=true]') !== null,
      textLength(element), ...OWN.map(name => getComputedStyle(element)[name]),
      ground(element, grounds),
    ].join();
    for (const alike of Map.groupBy(texts, kind).values()) {
      for (const element of [alike[0], alike[alike.length >> 1], alike.at(-1)]) {
        element.setAttribute('data-contrast', '');
      }
    }
  }

  const shapes = new Map();
  const left = [];
  writeShapes(document.body, shapes);
  thin(document.body, shapes, left);
  markTexts(new Map([[null, '']]));
  axe.configure({ rules: [{ id: 'color-contrast', selector: '[data-contrast]' }] });
  const { violations } = await axe.run(options);
  for (const marked of document.querySelectorAll('[data-contrast]')) {
    marked.removeAttribute('data-contrast');
  }
  for (const [child, parent, next] of left.reverse()) {
    parent.insertBefore(child, next);
  }
  return violations;
}
