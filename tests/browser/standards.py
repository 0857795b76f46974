"""What axe-core finds wrong with a page by WCAG, where it looks once at what is alike."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS = ["color-contrast"]
LOOK = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def violations(page, rules: list[str] = STANDARDS) -> list[str]:
    """What is wrong with a page as it is now: rule, element and reason, three for each rule."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(Axe().axe_script)
    # The elements that pass need neither be described nor sent here.
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    return [
        f"{violation['id']}: {node['html'][:150]} {node['failureSummary'][:200]}"
        for violation in page.evaluate(LOOK, options)
        for node in violation["nodes"][:3]
    ]
