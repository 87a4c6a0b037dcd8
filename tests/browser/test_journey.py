"""What a person does with the dashboard, from the first start to the comparison."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import (
    WAIT_MS,
    NewPage,
    Picture,
    Site,
    expect_epochs,
    expect_status,
    slow_strategy,
)
from training.views.sample import EPOCHS

pytestmark = pytest.mark.timeout(900)

MARK = "window.loadedOnce = true"
TRAINING = re.compile("/operations/op_training_")
"""Where a start leads. After a double click the second answer's way there ends the first one's."""
LONG_MS = 400_000
"""For the sample, on a machine that does other things."""


def test_a_text_is_checked_previewed_and_trained(new_page: NewPage, picture: Picture) -> None:
    page = new_page()
    step = _steps(page, picture, "a text")

    _go_to(page, "Start")
    expect(page.locator("#check")).to_contain_text("sp500_daily is valid", timeout=WAIT_MS)
    text = page.get_by_label("The strategy's text")
    shipped = text.input_value()
    text.fill(shipped.replace("learning_rate", "learning_rat"))
    expect(page.locator("#check")).to_contain_text("did you mean learning_rate", timeout=WAIT_MS)
    step("a fault at its line")
    page.get_by_role("button", name=re.compile("^line ")).first.click()
    expect(page.locator(".editor")).to_be_focused()
    text.fill(shipped)
    page.get_by_label("Epochs").fill("3")
    page.get_by_label("Name in lists").fill("journey")
    expect(page.locator("#check")).to_contain_text("3 epochs", timeout=WAIT_MS)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("Label balance", timeout=WAIT_MS)
    step("the preview")

    page.get_by_role("button", name="Start training").dblclick()
    expect(page).to_have_url(TRAINING, timeout=WAIT_MS)
    expect_status(page, "completed")
    page.locator("#header").get_by_role("link", name="Model", exact=True).click()
    expect(page.locator("#equity-picture canvas")).to_have_count(2, timeout=WAIT_MS)
    page.locator("#price-picture .u-over").click()
    expect(page.locator("#price-bar")).to_contain_text("Decision at its close", timeout=WAIT_MS)
    step("a bar")
    with page.expect_download() as export:
        page.get_by_role("link", name="Decisions, SP500, CSV").click()
    heads, first, *_ = export.value.path().read_text().splitlines()
    assert "decision" in heads.split(",") and first[:2] == "20"
    expect(page.get_by_role("heading", name="Confusion matrix")).to_be_visible()
    step("the model")
    _go_to(page, "Models")
    expect(page.get_by_role("link", name="journey")).to_be_visible()
    step("models")


def test_from_the_first_sign_in_to_a_comparison(
    new_page: NewPage, site: Site, picture: Picture
) -> None:
    page = new_page(as_=site.newcomer())
    step = _steps(page, picture, "journey")
    expect(page.get_by_role("heading", name="You have trained nothing yet")).to_be_visible()
    step("signed in")

    page.get_by_role("button", name="Train the sample").dblclick()
    expect(page).to_have_url(TRAINING, timeout=WAIT_MS)
    expect_epochs(page, 1)
    expect(page.locator("#chart canvas")).to_be_visible()
    step("it trains")
    _press(page, "#cancel")
    expect_status(page, "cancelled")
    expect(page.locator("#resume")).to_contain_text("Resume after")
    step("cancelled")
    _press(page, "#resume")
    expect_status(page, "running")
    step("resumed")
    expect(page.locator("#headline")).to_contain_text("Net return", timeout=LONG_MS)
    expect(page.locator("#headline")).to_contain_text("Sharpe ratio")
    expect(page.locator("#chart .u-legend")).to_contain_text("Epochs done—")
    expect(page.get_by_role("row", name=re.compile("cancelled.*yes"))).to_have_count(1)
    expect_status(page, "completed")
    assert page.evaluate("window.loadedOnce"), "the page was loaded again instead of kept current"
    step("the result")

    page.locator("#header").get_by_role("link", name="Fork", exact=True).click()
    page.get_by_label("Other settings").fill(f"training.epochs={EPOCHS + 3}")
    page.get_by_role("button", name="Show what is carried over").click()
    expect(page.get_by_role("row", name="weights carried")).to_be_visible()
    step("a fork")
    page.get_by_role("button", name="Start", exact=True).dblclick()
    expect(page).to_have_url(TRAINING, timeout=WAIT_MS)
    expect(page.get_by_role("heading", name=f"The sample, epochs {EPOCHS + 3}")).to_be_visible()
    expect(page.locator("#headline")).to_contain_text("Net return", timeout=WAIT_MS)
    step("the fork")

    _go_to(page, "Compare")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Compare the selected").click()
    expect(page.locator(".chart canvas")).to_have_count(3)
    epochs = page.get_by_role("row", name=re.compile(r"training\.epochs"))
    expect(epochs).to_contain_text(str(EPOCHS + 3))
    step("compared")
    _go_to(page, "Operations")
    expect(page.get_by_role("link", name=re.compile("^The sample"))).to_have_count(2)
    expect(page.get_by_role("button", name="Train the sample")).to_have_count(0)
    step("operations")


def test_everything_that_acts_works_without_javascript(new_page: NewPage) -> None:
    page = new_page(javascript=False)
    page.goto("/start/?strategy=sequence_lstm")
    page.get_by_label("The strategy's text").fill(slow_strategy(page))
    page.get_by_label("Epochs").fill("24")
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#check")).to_contain_text("24 epochs")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("Label balance", timeout=WAIT_MS)
    page.get_by_role("button", name="Start training").click()
    expect(page).to_have_url(TRAINING, timeout=WAIT_MS)
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


def _steps(page: Page, picture: Picture, journey: str) -> Callable[[str], None]:
    """Takes a numbered screenshot of each step."""
    names: list[str] = []

    def step(name: str) -> None:
        names.append(name)
        picture(page, f"{journey} {len(names)}, {name}", full_page=False)

    return step


def _reload_until(page: Page, is_so: Callable[[], bool]) -> None:
    """As somebody without JavaScript does."""
    for _ in range(WAIT_MS // 250):
        if is_so():
            return
        page.wait_for_timeout(250)
        page.reload()
    raise AssertionError(f"it never happened: {page.locator('main').inner_text()}")
