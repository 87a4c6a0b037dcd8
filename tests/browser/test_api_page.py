"""The API's page: it loads under the Content-Security-Policy, and its requests act as the user."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.site import NewPage

pytestmark = [
    pytest.mark.xdist_group("browser"),  # one site for all of them
    pytest.mark.timeout(900),
]


def test_an_endpoint_can_be_read_and_tried(new_page: NewPage, screenshots: Path) -> None:
    page = new_page()
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
    page.goto("/api/v1/docs")
    validation = page.locator("#operations-strategies-validate_strategy")
    validation.locator(".opblock-summary-control").click()
    validation.get_by_role("button", name="Try it out").click()
    validation.get_by_role("button", name="Execute").click()
    answer = validation.locator(".live-responses-table")
    expect(answer.locator(".response-col_status").last).to_contain_text("200")
    expect(answer).to_contain_text('"valid": false')
