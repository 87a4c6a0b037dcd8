"""A real site and a real browser: what `manage.py up` starts, in headless Chromium."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    StorageState,
)

from tests.browser.chromium import installed, launched
from tests.browser.site import NewPage, Picture, Site, wait_for_scripts
from tests.running.servers import Servers
from tests.running.up import Up

LEFT = ("htmx:afterRequest", "htmx:sendAbort")
"""What htmx logs of a request that was aborted."""


# Of the package, since the loop that Playwright keeps running lets nothing else ask the database.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    path = installed()
    if path is None:
        pytest.skip("there is no Chromium here (Debian: apt-get install chromium)")
    with launched(path) as browser:
        yield browser


@pytest.fixture(scope="package")
def site(
    chromium: Browser, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("site")
    up = Up(directory / "var", directory / "up.log", servers.watchdog)
    up.wait_until_ready()
    user, _, password = (directory / "var" / "first_login").read_text().split()
    url = f"http://127.0.0.1:{up.port}"
    yield Site(url=url, user=user, password=password, data=directory / "var")
    up.send(signal.SIGINT)
    up.wait()


@pytest.fixture(scope="session")
def picture() -> Picture:
    """Takes a screenshot into the directory `SCREENSHOTS`, for somebody who looks; none without
    that, since it asserts nothing and is the slowest that a browser does here."""
    given = os.environ.get("SCREENSHOTS")
    directory = Path(given) if given else None

    def take(page: Page, name: str, *, full_page: bool = True) -> None:
        if directory is not None:
            page.screenshot(path=directory / f"{name}.png", full_page=full_page)

    return take


@pytest.fixture(scope="package")
def sessions() -> dict[str, StorageState]:
    """By user, of those who have signed in: to do it for each page took a second of a processor."""
    return {}


@pytest.fixture
def new_page(chromium: Browser, site: Site, sessions: dict[str, StorageState]) -> Iterator[NewPage]:
    """Signed-in pages, as wide as asked for; none may complain in its console by the end."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def make(
        at: str = "/operations/",
        *,
        width: int = 1280,
        theme: str = "light",
        javascript: bool = True,
        as_: Site = site,
    ) -> Page:
        context = chromium.new_context(
            base_url=site.url,
            viewport={"width": width, "height": 900},
            color_scheme=theme,  # type: ignore[arg-type]
            reduced_motion="reduce",  # nobody looks at a colour half-way to another
            java_script_enabled=javascript,
            storage_state=sessions.get(as_.user),
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.extend(_complaints(page, said)))
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        if as_.user not in sessions:
            as_.sign_in(page)
            sessions[as_.user] = context.storage_state()
        page.goto(at)
        if javascript:
            wait_for_scripts(page)
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def _complaints(page: Page, said: ConsoleMessage) -> list[str]:
    """What breaks the Content-Security-Policy is among them; that a page was left while it asked
    for something is no fault."""
    if said.text.startswith(LEFT):
        return []
    where = f"{said.location['url']} on {page.url}"
    return [f"{said.text} ({where})"] if said.type in ("error", "warning") else []
