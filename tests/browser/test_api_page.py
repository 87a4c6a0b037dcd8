"""The API's page: it loads under the Content-Security-Policy, and its requests act as the user."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.site import WAIT_MS, NewPage, Picture

pytestmark = pytest.mark.timeout(900)

GROUNDS = {"light": "rgb(246, 246, 243)", "dark": "rgb(20, 23, 26)"}


def test_endpoints_can_be_read_and_tried(new_page: NewPage, picture: Picture) -> None:
    page = new_page()
    page.set_default_timeout(WAIT_MS)  # what it draws is large
    page.goto("/api/v1/docs")
    expect_theme(page, "light")
    listed = answer_of(page, "operations-list_operations")
    expect(listed).to_contain_text('"success"')
    picture(page, "page API")
    # What acts is sent with the user's token against forgery.
    expect(answer_of(page, "strategies-validate_strategy")).to_contain_text('"valid": false')


def answer_of(page: Page, endpoint: str) -> Locator:
    """To a request without parameters, which has succeeded."""
    section = page.locator(f"#operations-{endpoint}")
    section.locator(".opblock-summary-control").click()
    section.get_by_role("button", name="Try it out").click()
    section.get_by_role("button", name="Execute").click()
    answer = section.locator(".live-responses-table")
    expect(answer.locator(".response-col_status").last).to_contain_text("200")
    return answer


def test_it_is_a_page_of_the_site_in_its_theme_with_a_way_back(
    new_page: NewPage, picture: Picture
) -> None:
    page = new_page(theme="dark")
    page.set_default_timeout(WAIT_MS)
    page.get_by_role("link", name="API", exact=True).click()
    expect_theme(page, "dark")
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    picture(page, "page API, 360 px", full_page=False)
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Models").click()
    page.wait_for_url("**/models/")


def expect_theme(page: Page, theme: str) -> None:
    listing = page.locator("#operations-operations-list_operations")
    expect(listing).to_be_visible(timeout=WAIT_MS)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == GROUNDS[theme]
    assert page.locator("html.dark-mode").count() == (theme == "dark")
