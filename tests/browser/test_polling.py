"""A page whose stream is refused asks by itself, and stops when it is let in."""

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.site import Site, wait_for_scripts

pytestmark = pytest.mark.timeout(900)


def test_a_page_without_a_stream_asks_every_15_seconds(chromium: Browser, site: Site) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(status=429, body="too many")

    def let_in(route: Route) -> None:
        """To a stream that tells nothing: what it tells is asked about, too."""
        route.fulfill(content_type="text/event-stream", body="retry: 600000\n\n")

    context = chromium.new_context(base_url=site.url)
    context.clock.install()
    context.route("**/stream/", refuse)
    context.add_init_script("delete window.SharedWorker")  # its requests pass by the routes
    page = context.new_page()
    site.sign_in(page)
    wait_for_scripts(page)
    for _ in range(2):
        with page.expect_response("**/operations/-/summary/**"):
            page.clock.run_for(15_000)
    context.unroute("**/stream/", refuse)
    context.route("**/stream/", let_in)
    with page.expect_event("console", lambda said: said.text == "open"):
        page.evaluate("document.addEventListener('htmx:sseOpen', () => console.log('open'))")
        page.clock.run_for(70_000)  # the longest pause between two tries
    under_way = page.locator(".htmx-request")
    expect(under_way).to_have_count(0)
    page.clock.run_for(2_000)  # what was to be asked while an answer was under way is asked now
    expect(under_way).to_have_count(0)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for _ in range(4):
        page.clock.run_for(15_000)
        expect(under_way).to_have_count(0)
    context.close()
    assert not [url for url in asked if "summary" in url]
