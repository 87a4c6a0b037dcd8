"""What holds on every page: nothing moderate or worse for axe, no sideways scrolling, also of text
at 200 %, the keyboard."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser.site import NewPage, Picture, Site

pytestmark = pytest.mark.timeout(900)

FOUND = ("moderate", "serious", "critical")
RULES_BY_THEME: dict[str, dict[str, list[str]]] = {
    "light": {},
    "dark": {"runOnly": ["color-contrast", "link-in-text-block"]},
}
"""All of axe's, and those for which a colour counts: a theme changes nothing else."""
WIDE, NARROW = 1280, 360  # pixels
LONG = "A_name_without_a_space_as_people_number_their_experiments_" + "0123456789" * 5
PAGES = (
    "operations",
    "operation",
    "extend",
    "fork",
    "open test",
    "start again",
    "data",
    "series",
    "uploads",
    "start",
    "search",
    "walk forward",
    "cross-validate",
    "models",
    "model",
    "a picture",
    "a bar",
    "predict",
    "compare, which",
    "compare",
    "evaluation",
    "workers",
    "account",
    "sign in",
    "a failed operation",
    "a lost operation",
    "an upload",
)


FAILED_AND_STOPPED = """
from tests.operations import scenes

operation = scenes.as_training(scenes.running(strategy={"training": {"learning_rate": 10.0}}))
scenes.save(operation, 2)
failure = scenes.Failure(
    code="training_failed",
    message="The loss is no longer finite in epoch 3, batch 33.",
    traceback="Traceback (most recent call last):\\n  " + "step " * 60,
)
assert scenes.lifecycle.fail(operation.pk, 1, failure)
yield_(operation.pk)

from training.launch.start import StartRequest, prepare_start

prepared = prepare_start(StartRequest(strategy="sp500_daily", epochs=9), owner=None)
operation = scenes.as_training(scenes.cancelled(2, **prepared.request.to_json()))
yield_(operation.pk)

request = prepared.request.to_json()
operation = scenes.as_training(scenes.running(max_restarts=0, **request))
scenes.save(operation, 2)
scenes.expire_lease(operation)
yield_(operation.pk)
"""
PRICES = "date,open,high,low,close,volume\n" + "".join(
    f"2024-01-{day:02},10,12,9,11,100\n" for day in (2, 3, 4, 5, 8, 9, 10)
)
LISTS = ("operations", "data", "models", "compare, which", "compare")
WITHOUT_SCRIPTS = ("operations", "operation", "start", "models", "model", "compare", "an upload")
AS_WITHOUT_SCRIPTS = """() => {
  delete document.documentElement.dataset.script;
  for (const told of document.querySelectorAll("noscript")) told.outerHTML = told.textContent;
}"""
"""axe itself is a script: none of the site's runs, and what stands in <noscript> is shown."""
CUT_OFF = """() => {
  const isCut = (element) => element.scrollWidth > element.clientWidth + 1;
  const table = document.querySelector("main .scroll");
  const ids = [...document.querySelectorAll("main small.mono, main .mono.id")];
  const cut = [table, ...ids].filter((element) => element && isCut(element));
  return cut.map((element) => element.outerHTML.slice(0, 200));
}"""
"""Of a list: its table, if columns are out of sight, and ids that are not shown whole."""


@pytest.fixture(scope="module")
def addresses(chromium: Browser, site: Site) -> dict[str, str]:
    """Each page's, by its name; with trained models to show."""
    with site.acting(FAILED_AND_STOPPED) as step:
        failed, stopped, lost = step(), step(), step()
    first, second = site.train("sp500_daily", "--epochs", "3", "--seeds", "2", "--name", LONG)
    addresses = (
        "/operations/",
        f"/operations/{first}/",
        f"/operations/{first}/extend/",
        f"/operations/{first}/fork/",
        f"/operations/{stopped}/open-test/",
        f"/operations/{first}/restart/",
        "/data/",
        "/data/SP500/1d/?from=2007-01-01",
        "/data/-/uploads/",
        "/start/",
        "/start/search/",
        "/start/walk-forward/",
        "/start/cross-validation/",
        "/models/",
        "/models/1/",
        "/models/1/pictures/price/?from=2017-01-03&to=2017-06-30",
        "/models/1/bar/?at=2017-01-04",
        "/models/1/predict/?since=2010-01-04",
        "/compare/",
        f"/compare/?ids={first}&ids={second}",
        "/evaluation/",
        "/workers/",
        "/account/",
        "/login/",
        f"/operations/{failed}/",
        f"/operations/{lost}/",
        _upload(chromium, site),
    )
    return dict(zip(PAGES, addresses, strict=True))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_in_both_themes_and_fits_a_phone(
    new_page: NewPage, addresses: dict[str, str], picture: Picture, name: str
) -> None:
    page = new_page(addresses[name], width=WIDE)
    if name == "start":
        _write_a_fault_and_preview(page)
    if name in LISTS:
        assert page.evaluate(CUT_OFF) == []
    if name == "a lost operation":
        expect(page.locator("#remedy")).to_contain_text("worker_lost", timeout=60_000)
    if name == "model":
        expect(page.locator("#pictures [hx-trigger=load]")).to_have_count(0, timeout=60_000)
    for details in page.locator("main details").all():
        details.evaluate("details => { details.open = true }")
    for theme, rules in RULES_BY_THEME.items():
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        assert _violations(page, rules) == []
        picture(page, f"page {name}, {theme}")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDE
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size({"width": NARROW, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
    picture(page, f"page {name}, {NARROW} px")


@pytest.mark.parametrize("name", WITHOUT_SCRIPTS)
def test_a_page_without_scripts_is_accessible(
    new_page: NewPage, addresses: dict[str, str], name: str
) -> None:
    page = new_page()
    page.route("**/*.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
    page.goto(addresses[name])
    page.evaluate(AS_WITHOUT_SCRIPTS)
    for details in page.locator("main details").all():
        details.evaluate("details => { details.open = true }")
    assert _violations(page, {}) == []


def test_the_keyboard_reaches_everything(new_page: NewPage, addresses: dict[str, str]) -> None:
    page = new_page(addresses["operations"])
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("[data-key='/']")).to_be_focused()
    page.get_by_role("button", name="Search").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()


def test_a_page_comes_in_the_theme_that_was_chosen(new_page: NewPage) -> None:
    page = new_page(theme="light")
    page.get_by_role("button", name="Change between light and dark").click()
    assert page.evaluate("localStorage.getItem('theme')") == "dark"  # where the admin looks
    assert '<html lang="en" data-theme="dark">' in page.request.get("/workers/").text()


def test_nothing_that_needs_a_script_is_there_without_one(new_page: NewPage) -> None:
    page = new_page(javascript=False)
    needing = page.locator("[data-needs-script]")
    assert needing.count() > 0
    assert not [each for each in needing.all() if each.is_visible()]


def _upload(chromium: Browser, site: Site) -> str:
    """The address of a file that was sent and read."""
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    site.sign_in(page)
    page.goto("/data/-/uploads/")
    file: FilePayload = {"name": "ACME.csv", "mimeType": "text/csv", "buffer": PRICES.encode()}
    page.locator("input[type=file]").set_input_files(files=[file])
    page.get_by_role("button", name="Send").click()
    page.wait_for_url(re.compile("/data/-/uploads/.+/"))
    address = page.url.removeprefix(site.url)
    context.close()
    return address


def _write_a_fault_and_preview(page: Page) -> None:
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("Label balance", timeout=60_000)
    text = page.get_by_label("The strategy's text")
    text.fill(text.input_value().replace("period: 14", "perod: 14"))
    expect(page.get_by_role("button", name=re.compile("^line ")).first).to_be_visible()


def _violations(page: Page, rules: dict[str, list[str]]) -> list[str]:
    found = Axe().run(page, options=rules).response["violations"]
    return [
        f"{rule['id']}: {rule['help']}: {node['html'][:200]} ({node['failureSummary']})"
        for rule in found
        if rule["impact"] in FOUND
        for node in rule["nodes"]
    ]
