"""The fuzzy sets beside the editor: drawn over their bars as typed, while somebody sees them."""

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Locator, Page, Route, expect

from tests.browser.site import WAIT_MS, NewPage, visit

pytestmark = pytest.mark.timeout(300)

HIDE = """isHidden => {
  Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
WATCH = """new MutationObserver(() => {
  if (document.querySelector(".drawn-sets").textContent === "late") window.cameLate = true;
}).observe(document.querySelector(".drawn-sets"), { childList: true })"""


class Panel:
    def __init__(self, page: Page) -> None:
        self._page = page
        self.asked: list[str] = []
        """What was sent of each question for the sets."""
        page.on("request", lambda sent: self._note(sent.post_data or ""))
        visit(page, "/start/")
        self.status = page.locator("#typed-sets [role=status]")
        self.shows(75)

    @property
    def overbought(self) -> Locator:
        return self._page.locator("[data-of='1d_momentum'] polyline").nth(2)

    def write(self, corner: str) -> None:
        """In place of the middle corner, as one types."""
        line = self._page.locator(".editor .cm-line", has_text="overbought:")
        line.click()
        self._page.keyboard.press("End")
        for _ in range(6):
            self._page.keyboard.press("ArrowLeft")
        for _ in range(2):
            self._page.keyboard.press("Backspace")
        self._page.keyboard.type(corner, delay=20)

    def shows(self, corner: int) -> None:
        """The peak of the drawn triangle: 600 wide from 0 to 100."""
        peak = re.compile(rf" {corner * 6}\.0,8\.0 ")
        expect(self.overbought).to_have_attribute("points", peak, timeout=WAIT_MS)

    def checked(self, words: str) -> None:
        expect(self._page.locator("#check")).to_contain_text(words, timeout=WAIT_MS)

    def _note(self, sent: str) -> None:
        if sent.endswith("action=sets"):
            self.asked.append(sent)


def test_a_corner_is_typed_and_the_picture_follows(new_page: NewPage) -> None:
    page = new_page()
    panel = Panel(page)
    panel.write("85")
    panel.shows(85)
    expect(panel.status).to_be_hidden()

    panel.write("x")
    expect(panel.status).to_contain_text("The text has a fault", timeout=WAIT_MS)
    panel.shows(85)
    page.keyboard.press("Backspace")
    page.keyboard.type("60", delay=20)
    panel.shows(60)
    expect(panel.status).to_be_hidden()
    expect(page.locator(".editor .cm-content")).to_be_focused()


def test_an_answer_that_comes_late_draws_nothing(new_page: NewPage) -> None:
    page = new_page()
    panel = Panel(page)
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held or "action=sets" not in (route.request.post_data or ""):
            route.continue_()
        else:
            held.append(route)

    page.route("**/start/", hold_the_first)
    page.evaluate(WATCH)
    with page.expect_request(lambda sent: (sent.post_data or "").endswith("action=sets")):
        panel.write("85")
    panel.write("60")
    panel.shows(60)
    with suppress(Error):  # nobody waits for it
        held[0].fulfill(content_type="text/html", body="<p>late</p>")
    panel.write("65")
    panel.shows(65)
    assert not page.evaluate("window.cameLate")


def test_nothing_is_asked_for_that_nobody_sees(new_page: NewPage) -> None:
    page = new_page()
    panel = Panel(page)
    page.locator("#typed-sets summary").click()
    asked = len(panel.asked)
    panel.write("x")
    panel.checked("fault")
    page.keyboard.press("Backspace")
    page.keyboard.type("85", delay=20)
    panel.checked("is valid")
    assert len(panel.asked) == asked
    page.locator("#typed-sets summary").press("Enter")
    panel.shows(85)

    page.evaluate(HIDE, True)
    asked = len(panel.asked)
    panel.write("x")
    panel.checked("fault")
    page.keyboard.press("Backspace")
    page.keyboard.type("60", delay=20)
    panel.checked("is valid")
    assert len(panel.asked) == asked
    page.evaluate(HIDE, False)
    panel.shows(60)
