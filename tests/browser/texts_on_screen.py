"""Texts of drawings as they lie on the screen."""

SMALLEST_TEXT = 11

# Boxes on the screen of all texts of a drawing, and their sizes, in pixels.
TEXTS = """
svg => {
  const frame = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].filter(text => text.textContent).map(text => {
    const box = text.getBBox();
    const matrix = text.getScreenCTM();
    const corners = [[box.x, box.y], [box.x + box.width, box.y + box.height]]
      .map(([x, y]) => new DOMPoint(x, y).matrixTransform(matrix));
    const [x, y] = ['x', 'y'].map(axis => corners.map(corner => corner[axis]));
    const turned = Math.abs(matrix.b) > Math.abs(matrix.a);
    return {
      name: text.lastChild.textContent,
      box: [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)],
      inside: Math.min(...x) >= frame.left - 4 && Math.max(...x) <= frame.right + 4
        && Math.min(...y) >= frame.top - 4 && Math.max(...y) <= frame.bottom + 4,
      size: parseFloat(getComputedStyle(text).fontSize)
        * Math.hypot(matrix.a, turned ? matrix.b : 0),
    };
  });
}
"""


def check_texts(page, drawings):
    page.evaluate("document.querySelectorAll('details').forEach(d => (d.open = true))")
    found = page.locator(".atlas-static svg.atlas-chart:visible").all()
    assert len(found) == drawings
    for drawing in found:
        texts = drawing.evaluate(TEXTS)
        assert texts
        assert min(text["size"] for text in texts) >= SMALLEST_TEXT
        assert [text["name"] for text in texts if not text["inside"]] == []
        texts.sort(key=lambda text: text["box"][1])
        for number, one in enumerate(texts):
            for other in texts[number + 1 :]:
                if other["box"][1] > one["box"][3]:
                    break
                across = min(one["box"][2], other["box"][2]) - max(one["box"][0], other["box"][0])
                down = one["box"][3] - other["box"][1]
                assert min(across, down) <= 1, (one, other)
