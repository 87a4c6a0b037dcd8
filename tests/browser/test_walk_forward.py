"""A walk-forward whose page is open while it ends: what came of it is drawn there."""

import pytest
from playwright.sync_api import expect

from tests.browser.site import NewPage, visit

pytestmark = pytest.mark.timeout(900)


def test_an_open_page_draws_the_account_when_the_windows_have_been_scored(
    new_page: NewPage,
) -> None:
    page = new_page()
    visit(page, "/start/walk-forward/")
    page.get_by_label("Train on").fill("8y")
    page.get_by_label("Test on").fill("4y")
    page.get_by_label("Epochs").fill("2")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("rect.fold-test")).to_have_count(2)
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url("**/operations/op_walk_forward_*/")
    expect(page.locator("#headline")).to_be_visible(timeout=300_000)
    expect(page.locator("#folds [data-chart] canvas")).to_be_visible(timeout=60_000)
