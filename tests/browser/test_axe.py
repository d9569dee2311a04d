"""What axe, the tester of accessibility, finds on every tab: nothing moderate or worse."""

from typing import TYPE_CHECKING

import pytest

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="Playwright is missing; run `pip install playwright`"
)
axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright",
    reason="axe is missing; run `pip install axe-playwright-python`",
)
expect = sync_api.expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
_SHOWN = {
    "ask": "Predicted chance of a correct answer",
    "savings": "Prices and volume",
    "logs": "Learn from a log of your own",
    "how": "One call, because the prompt is chosen first",
}
"""A heading of each tab."""
_WORST = ("moderate", "serious", "critical")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_moderate_or_worse(
    browser: "Browser", address: str, scheme: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    found = []
    for tab, heading in _SHOWN.items():
        page.goto(f"{address}/?tab={tab}&__theme={scheme}")
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        if tab == "savings":
            expect(page.locator(".js-plotly-plot").first).to_be_visible()
        if tab == "ask":
            page.get_by_role("button", name="Solve", exact=True).click()
            compare = page.get_by_role("button", name="Compare with exhaustive prompting")
            expect(compare).to_be_enabled(timeout=60_000)
            compare.click()
            expect(page.get_by_text("Show all 16 answers")).to_be_visible(timeout=60_000)
        for problem in axe.Axe().run(page).response["violations"]:
            if problem["impact"] in _WORST:
                found += [(tab, problem["id"], node["html"][:120]) for node in problem["nodes"]]
    context.close()
    assert found == []
