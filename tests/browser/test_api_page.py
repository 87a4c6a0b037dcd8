"""The API's page: it loads under the Content-Security-Policy, and its requests act as the user."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.site import WAIT_MS, NewPage

pytestmark = pytest.mark.timeout(900)


def test_an_endpoint_can_be_read_and_tried(new_page: NewPage, screenshots: Path) -> None:
    page = new_page()
    page.set_default_timeout(WAIT_MS)  # what it draws is large
    page.goto("/api/v1/docs")
    listing = page.locator("#operations-operations-list_operations")
    listing.locator(".opblock-summary-control").click()
    listing.get_by_role("button", name="Try it out").click()
    listing.get_by_role("button", name="Execute").click()
    answer = listing.locator(".live-responses-table")
    expect(answer.locator(".response-col_status").last).to_contain_text("200")
    expect(answer).to_contain_text('"success"')
    page.screenshot(path=screenshots / "page API.png", full_page=True)


def test_what_acts_is_sent_with_the_users_token_against_forgery(new_page: NewPage) -> None:
    page = new_page()
    page.set_default_timeout(WAIT_MS)  # what it draws is large
    page.goto("/api/v1/docs")
    validation = page.locator("#operations-strategies-validate_strategy")
    validation.locator(".opblock-summary-control").click()
    validation.get_by_role("button", name="Try it out").click()
    validation.get_by_role("button", name="Execute").click()
    answer = validation.locator(".live-responses-table")
    expect(answer.locator(".response-col_status").last).to_contain_text("200")
    expect(answer).to_contain_text('"valid": false')


def test_it_is_a_page_of_the_site_in_its_theme_with_a_way_back(
    new_page: NewPage, screenshots: Path
) -> None:
    for theme, ground in (("light", "rgb(246, 246, 243)"), ("dark", "rgb(20, 23, 26)")):
        page = new_page(theme=theme)
        page.set_default_timeout(WAIT_MS)
        page.get_by_role("link", name="API", exact=True).click()
        listing = page.locator("#operations-operations-list_operations")
        expect(listing).to_be_visible(timeout=WAIT_MS)
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == ground
        assert page.locator("html.dark-mode").count() == (theme == "dark")
        page.set_viewport_size({"width": 360, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.screenshot(path=screenshots / f"page API, {theme}, 360 px.png")
        page.get_by_role("navigation", name="Pages").get_by_role("link", name="Models").click()
        page.wait_for_url("**/models/")
