"""What a person does with the dashboard, from the first start to the comparison."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import (
    WAIT_MS,
    NewPage,
    Site,
    expect_epochs,
    expect_status,
    slow_strategy,
)

pytestmark = pytest.mark.timeout(900)

MARK = "window.loadedOnce = true"


def test_start_watch_cancel_resume_complete_model_compare(
    new_page: NewPage, screenshots: Path
) -> None:
    page = new_page()
    step = _steps(page, screenshots)

    _go_to(page, "Start")
    expect(page.locator("#check")).to_contain_text("sp500_daily is valid", timeout=WAIT_MS)
    page.get_by_label("Begin with").select_option("sequence_lstm")
    expect(page.locator("#check")).to_contain_text("sequence_lstm is valid", timeout=WAIT_MS)
    text = page.get_by_label("The strategy's text")
    lasting = slow_strategy(page)
    text.fill(lasting.replace("hidden_size", "hiden_size"))
    expect(page.locator("#check")).to_contain_text("did you mean hidden_size", timeout=WAIT_MS)
    step("a fault at its line")
    page.get_by_role("button", name=re.compile("^line ")).first.click()
    expect(text).to_be_focused()
    text.fill(lasting)
    page.get_by_label("Epochs").fill("16")
    page.get_by_label("Name in lists").fill("journey")
    expect(page.locator("#check")).to_contain_text("16 epochs", timeout=WAIT_MS)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("Label balance", timeout=WAIT_MS)
    step("the preview")

    page.get_by_role("button", name="Start training").dblclick()
    page.wait_for_url(re.compile("/operations/op_training_"))
    page.evaluate(MARK)
    expect_status(page, "running")
    expect_epochs(page, 2)
    step("running", whole=False)
    _press(page, "#cancel")
    expect_status(page, "cancelled")
    step("cancelled")
    expect(page.locator("#resume")).to_contain_text("Resume after")
    _press(page, "#resume")
    expect_status(page, "running")
    step("resumed")
    expect_status(page, "completed")
    model = page.locator("#header").get_by_role("link", name="Model", exact=True)
    expect(model).to_be_visible(timeout=WAIT_MS)
    assert page.evaluate("window.loadedOnce"), "the page was loaded again instead of kept current"
    step("completed")

    model.click()
    expect(page.locator(".chart canvas")).to_be_visible()
    expect(page.get_by_role("heading", name="Confusion matrix")).to_be_visible()
    step("the model")
    _go_to(page, "Models")
    expect(page.get_by_role("link", name="journey")).to_be_visible()
    step("models")

    _go_to(page, "Start")
    page.get_by_label("Epochs").fill("3")
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile("/operations/op_training_"))
    expect_status(page, "completed")
    _go_to(page, "Compare")
    for box in page.get_by_role("checkbox").all()[:2]:
        box.check()
    page.get_by_role("button", name="Compare the selected").click()
    expect(page.locator(".chart canvas")).to_have_count(3)
    expect(page.get_by_role("row", name=re.compile(r"training\.epochs"))).to_contain_text("16")
    step("compared")
    _go_to(page, "Operations")
    expect(page.get_by_role("link", name="journey")).to_be_visible()
    step("operations")


def test_the_first_minute_is_a_button_and_what_it_starts_can_be_cancelled_and_resumed(
    new_page: NewPage, site: Site, screenshots: Path
) -> None:
    page = new_page(as_=site.newcomer())
    expect(page.get_by_role("heading", name="You have trained nothing yet")).to_be_visible()
    page.screenshot(path=screenshots / "first minute 1, signed in.png")
    page.get_by_role("button", name="Train the sample").dblclick()
    page.wait_for_url(re.compile("/operations/op_training_"))
    expect_epochs(page, 1)
    page.screenshot(path=screenshots / "first minute 2, it trains.png")
    for stop in ("cancelled", "cancelled again"):
        page.locator("#cancel").click()
        expect_status(page, "cancelled")
        page.screenshot(path=screenshots / f"first minute 3, {stop}.png")
        if stop == "cancelled":
            page.locator("#resume").click()
            expect_status(page, "running")
    _go_to(page, "Operations")
    expect(page.get_by_role("link", name="The sample")).to_have_count(1)
    expect(page.get_by_role("button", name="Train the sample")).to_have_count(0)


def test_everything_that_acts_works_without_javascript(new_page: NewPage) -> None:
    page = new_page(javascript=False)
    page.goto("/start/?strategy=sequence_lstm")
    page.get_by_label("The strategy's text").fill(slow_strategy(page))
    page.get_by_label("Epochs").fill("12")
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#check")).to_contain_text("12 epochs")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("Label balance", timeout=WAIT_MS)
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile("/operations/op_training_"))
    _reload_until(page, lambda: int(page.locator("[data-live=epoch]").inner_text() or 0) >= 2)
    page.locator("#cancel").click()
    _reload_until(page, lambda: page.locator("#header .status").inner_text() == "cancelled")
    page.locator("#resume").click()
    _reload_until(page, lambda: page.locator("#header .status").inner_text() == "completed")


def _go_to(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Pages").get_by_role("link", name=name).click()


def _press(page: Page, button: str) -> None:
    """Returns when the answer is there, and marks the page: it is not to be loaded again."""
    with page.expect_navigation():
        page.locator(button).click()
    page.evaluate(MARK)


def _steps(page: Page, directory: Path) -> Callable[..., None]:
    """Takes a numbered screenshot of each step."""
    names: list[str] = []

    def step(name: str, *, whole: bool = True) -> None:
        names.append(name)
        file = directory / f"{len(names):02} {name}.png"
        page.screenshot(path=file, full_page=whole)

    return step


def _reload_until(page: Page, is_so: Callable[[], bool]) -> None:
    """As somebody without JavaScript does."""
    for _ in range(WAIT_MS // 250):
        if is_so():
            return
        page.wait_for_timeout(250)
        page.reload()
    raise AssertionError(f"it never happened: {page.locator('main').inner_text()}")
