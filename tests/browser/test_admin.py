"""The admin in a real browser: its scripts and styles run under the Content-Security-Policy."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import NewPage, Site

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def trained(site: Site) -> str:
    [operation_id] = site.train("sp500_daily", "--epochs", "2")
    return operation_id


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """Fails the test at its end for whatever the policy has blocked."""
    return new_page()


def test_an_action_is_chosen_and_answers_for_its_row(page: Page, trained: str) -> None:
    page.goto("/admin/operations/operation/")
    page.get_by_role("row", name=trained).get_by_role("checkbox").check()
    expect(page.locator(".action-counter").first).to_contain_text("1 of")  # a script counts
    page.get_by_label("Action:").first.select_option("cancel_selected")
    page.get_by_role("button", name="Go", exact=True).first.click()
    expect(page.locator(".messagelist")).to_contain_text("there is nothing left to cancel")


def test_it_leads_to_the_dashboard_and_back(page: Page, trained: str) -> None:
    page.goto(f"/operations/{trained}/")
    page.get_by_role("link", name="in the admin").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("View operation")
    page.get_by_role("link", name="View on site").click()
    page.wait_for_url(f"**/operations/{trained}/")


def test_groups_are_given_and_taken_with_the_widget_that_needs_scripts(page: Page) -> None:
    page.goto("/admin/auth/user/add/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password:").fill("a long and rare sentence")
    page.get_by_label("Password confirmation").fill("a long and rare sentence")
    page.get_by_role("button", name="Save", exact=True).click()
    chosen = page.locator("#id_groups_to")
    expect(chosen).to_contain_text("Operators")
    chosen.select_option("Operators")
    page.locator("#id_groups_remove").click()
    expect(chosen).not_to_contain_text("Operators")
