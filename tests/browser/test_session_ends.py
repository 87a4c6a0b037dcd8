"""A session that ends while somebody types: what was typed survives, for nobody else."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import NewPage, Site, visit
from tests.running.stack import wait_until

pytestmark = pytest.mark.timeout(300)

TYPED = "name: mine\n# typed for an hour\n"


@pytest.fixture
def typing(new_page: NewPage) -> Page:
    """On Start, with a text and a name, and a session that is over."""
    page = new_page()
    visit(page, "/start/")
    page.get_by_label("The strategy's text").fill(TYPED)
    page.get_by_label("Name in lists").fill("draft")
    expect(page.locator("#check")).to_contain_text("is required")
    page.context.clear_cookies(name="sessionid")
    return page


def sign_in(page: Page, site: Site) -> None:
    page.get_by_label("User name").fill(site.user)
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def expect_the_draft(page: Page) -> None:
    expect(page.get_by_label("The strategy's text")).to_have_value(re.compile("typed for an hour"))
    expect(page.get_by_label("Name in lists")).to_have_value("draft")


def test_typing_on_leads_to_the_sign_in_page_and_back_to_what_was_typed(
    typing: Page, site: Site
) -> None:
    typing.get_by_label("Name in lists").press("End")
    typing.get_by_label("Epochs").fill("7")
    typing.wait_for_url(re.compile("/login/"))
    expect(typing.locator("#start-form")).to_have_count(0)
    sign_in(typing, site)
    typing.wait_for_url(re.compile("/start/"))
    expect_the_draft(typing)
    expect(typing.get_by_label("Epochs")).to_have_value("7")


def test_another_page_of_ones_own_ends_the_draft(new_page: NewPage) -> None:
    page = new_page()
    visit(page, "/start/")
    page.get_by_label("Name in lists").fill("draft")
    visit(page, "/workers/")
    visit(page, "/start/")
    expect(page.get_by_label("Name in lists")).to_have_value("")


def test_another_user_never_sees_it(typing: Page, site: Site) -> None:
    typing.evaluate(
        """() => {
        const draft = JSON.parse(sessionStorage.getItem("start-draft"));
        sessionStorage.setItem("start-draft", JSON.stringify({ ...draft, user: "another" }));
    }"""
    )
    visit(typing, "/start/")
    sign_in(typing, site)
    typing.wait_for_url(re.compile("/start/"))
    wait_until(lambda: typing.evaluate("sessionStorage.getItem('start-draft')") is None, 60)
    expect(typing.get_by_label("Name in lists")).to_have_value("")
