"""The strategy's editor: the grammar at hand, faults at their lines, the form's text behind it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import WAIT_MS, NewPage, visit

pytestmark = pytest.mark.timeout(300)


def line(page: Page, text: str) -> None:
    """The cursor at the end of the first line that has this."""
    page.locator(".editor .cm-line", has_text=text).first.click()
    page.keyboard.press("End")


def test_a_strategy_is_written_with_the_grammar_at_hand(new_page: NewPage) -> None:
    page = new_page()
    visit(page, "/start/")
    text = page.get_by_label("The strategy's text")
    check, offered = page.locator("#check"), page.locator(".cm-tooltip-autocomplete li")
    expect(check).to_contain_text("sp500_daily is valid", timeout=WAIT_MS)
    written = page.locator(".editor .cm-content")
    shipped = text.input_value()

    line(page, "rsi_14: {type")
    page.keyboard.press("ArrowLeft")
    page.keyboard.type(", so", delay=50)
    expect(offered).to_have_text(["source"], timeout=WAIT_MS)
    expect(page.locator(".cm-completionInfo")).to_contain_text(
        "Price the indicator is computed from"
    )
    offered.click()
    expect(written).to_contain_text("source: }", timeout=WAIT_MS)
    page.keyboard.type("hl", delay=50)
    expect(offered).to_have_text(["hl2", "hlc3", "ohlc4"], timeout=WAIT_MS)
    page.keyboard.press("Escape")
    page.keyboard.type("x")
    expect(check).to_contain_text("did you mean hl2?", timeout=WAIT_MS)
    expect(page.locator(".cm-lint-marker-error")).to_have_count(1, timeout=WAIT_MS)
    assert "source: hlx}" in text.input_value()

    line(page, "start_date")
    page.keyboard.press("Enter")
    page.keyboard.type("end", delay=50)
    expect(offered).to_have_text(["end_date"], timeout=WAIT_MS)
    page.keyboard.press("Escape")

    for _ in range(20):
        page.keyboard.press("Control+z")
    expect(check).to_contain_text("sp500_daily is valid", timeout=WAIT_MS)
    expect(page.locator(".cm-lint-marker-error")).to_have_count(0, timeout=WAIT_MS)
    assert text.input_value() == shipped

    page.get_by_label("Begin with").select_option("sequence_lstm")
    expect(written).to_contain_text("name: sequence_lstm", timeout=WAIT_MS)
    line(page, "name: sequence_lstm")
    page.keyboard.type("?")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(written).to_contain_text("name: sp500_daily", timeout=WAIT_MS)
