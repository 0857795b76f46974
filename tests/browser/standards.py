"""What axe-core finds wrong with a page by WCAG, where it compares colours once for all alike."""

from axe_playwright_python.sync_playwright import Axe

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

# Contrast is most of what axe does on a page of many rows or marks, and for each text it depends
# on nothing but the text's own style and what is behind it. So of all visible texts that agree in
# both, three are looked at: the first, the middle one and the last, as axe passes over a text that
# something covers. All other rules look at every element.
ALIKE = """
const style = element => getComputedStyle(element);
const BEHIND = ['backgroundColor', 'backgroundImage', 'opacity', 'filter', 'mixBlendMode'];
const OWN = ['color', 'fill', 'fontSize', 'fontWeight', 'textShadow', 'webkitTextFillColor'];
const PLAIN = 'rgba(0, 0, 0, 0),none,1,none,normal';
const isOpaque = own => /^rgb\\(.*\\),none,1,none,normal$/.test(own);

// Equal for two elements only if the same is behind their texts.
const grounds = new Map([[null, '']]);
function ground(element) {
  if (!grounds.has(element)) {
    const own = BEHIND.map(name => style(element)[name]).join();
    const moves = !['static', 'relative'].includes(style(element).position);
    const below = ground(element.parentElement);
    grounds.set(element, isOpaque(own) ? own
      // Anything may be below what leaves its place.
      : moves ? `${grounds.size} ${own}` : own === PLAIN ? below : `${own} on ${below}`);
  }
  return grounds.get(element);
}

const hasText = element => element.matches('input, select, textarea')
  || [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
const alike = new Map();
for (const element of document.body.querySelectorAll('*')) {
  element.removeAttribute('data-contrast');
  if (hasText(element) && element.checkVisibility({ visibilityProperty: true })) {
    const kind = [
      element.localName, element.closest(':disabled, [aria-disabled=true]') !== null,
      // What axe is not sure of, it does not report: a single sign.
      element.textContent.trim().length > 1,
      ...OWN.map(name => style(element)[name]), ground(element),
    ].join();
    alike.set(kind, alike.get(kind) ?? []).get(kind).push(element);
  }
}
for (const found of alike.values()) {
  for (const element of [found[0], found[found.length >> 1], found.at(-1)]) {
    element.setAttribute('data-contrast', '');
  }
}
axe.configure({ rules: [{ id: 'color-contrast', selector: '[data-contrast]' }] });
"""
AXE = Axe(f"{Axe().axe_script}\n{{{ALIKE}}}")


def violations(page) -> list[str]:
    """What is wrong with a page as it is now: rule, element and reason, three for each rule."""
    # The elements that pass need neither be described nor sent here.
    options = {"runOnly": STANDARDS, "resultTypes": ["violations"]}
    return [
        f"{violation['id']}: {node['html'][:150]} {node['failureSummary'][:200]}"
        for violation in AXE.run(page, options=options).response["violations"]
        for node in violation["nodes"][:3]
    ]
