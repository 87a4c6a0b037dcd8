"""A page whose stream is refused asks by itself, and stops when it is let in."""

import pytest
from playwright.sync_api import Browser, Route

from tests.browser.site import Site

pytestmark = [
    pytest.mark.xdist_group("browser"),  # one site for all of them
    pytest.mark.timeout(900),
]


def test_a_page_without_a_stream_asks_every_15_seconds(chromium: Browser, site: Site) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(status=429, body="too many")

    context = chromium.new_context(base_url=site.url)
    context.clock.install()
    context.route("**/stream/", refuse)
    page = context.new_page()
    site.sign_in(page)
    page.wait_for_function("document.querySelector('[sse-connect]') !== null")
    for _ in range(2):
        with page.expect_response("**/operations/-/summary/**"):
            page.clock.run_for(15_000)
    context.unroute("**/stream/", refuse)
    with page.expect_event("console", lambda said: said.text == "open"):
        page.evaluate("document.addEventListener('htmx:sseOpen', () => console.log('open'))")
        page.clock.run_for(70_000)  # the longest pause between two tries
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(60_000)
    context.close()
    assert not [url for url in asked if "summary" in url]
