"""Whatever happened, with answers late and out of order: an open page is what its reload is."""

import re
from difflib import unified_diff

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import (
    WAIT_MS,
    NewPage,
    Site,
    expect_epochs,
    expect_status,
    slow_strategy,
    visit,
)
from tests.running.stack import wait_until

pytestmark = pytest.mark.timeout(900)

PAUSE_MS = 300
"""Between two reloads: each costs a browser more than to wait."""
MORE_WINDOWS = 6
"""With a stream in each the seventh window would hang: a browser has six connections to a host."""

CHART = re.compile("Epochs done|The curve begins with")
"""Of a chart that has been drawn."""

LATE = """
// Answers come up to 3 s late, each by a time of its own, so that later ones overtake them.
let seed = 7;
const delay = () => ((seed = (seed * 16807) % 2147483647) % 3000);
const late = (act) => setTimeout(act, delay());
const ask = window.fetch.bind(window);
window.fetch = async (...asked) => {
  const answer = await ask(...asked);
  await new Promise(late);
  return answer;
};
const onload = Object.getOwnPropertyDescriptor(XMLHttpRequestEventTarget.prototype, "onload");
Object.defineProperty(XMLHttpRequest.prototype, "onload", {
  get: onload.get,
  set(take) { onload.set.call(this, () => late(() => take.call(this))); },
});
"""

SHOWN = """() => {
  const skipped = "#messages, script, time, input[type=hidden]";
  const told = [];
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      if (node.data.trim()) told.push(node.data.trim().replace(/\\s+/g, " "));
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches(skipped)) return;
    if (node.matches("canvas")) return told.push(`canvas ${node.toDataURL()}`);
    const { id, hidden, disabled, value, max } = node;
    const label = node.getAttribute("aria-label");
    told.push(JSON.stringify({ tag: node.tagName, id, hidden, disabled, value, max, label }));
    node.childNodes.forEach(walk);
  };
  walk(document.getElementById("main"));
  const times = /[0-9.]+ (s|min|h)\\b( [0-9]+ (s|min)\\b)?( ago)?/g;
  return told.map((words) => words.replace(times, "a while"));
}"""


def unfold(page: Page) -> None:
    page.evaluate(
        "document.querySelectorAll('details').forEach((details) => (details.open = true))"
    )


def shown(page: Page) -> list[str]:
    told: list[str] = page.evaluate(SHOWN)
    return told


def expect_reload(page: Page) -> None:
    """A second tab, whose answers are not late, shows the same once all has come to this one."""
    other = page.context.new_page()

    def is_equal() -> bool:
        page.wait_for_timeout(PAUSE_MS)
        visit(other, page.url)
        unfold(page)  # to press a button has loaded it anew; what is folded is not kept current
        unfold(other)
        expect(other.locator("#chart")).to_contain_text(CHART)
        expect(other.locator(".htmx-request")).to_have_count(0)
        return shown(page) == shown(other)

    wait_until(is_equal, timeout=WAIT_MS / 1000, describe=lambda: difference(page, other))
    other.close()


def another_window(page: Page) -> Page:
    other = page.context.new_page()
    other.goto(page.url, wait_until="domcontentloaded")
    return other


def difference(page: Page, other: Page) -> str:
    here, there = shown(page), shown(other)
    return "\n".join(unified_diff(there, here, "after a reload", "live", n=1))


def test_an_open_page_is_its_reload_after_any_events(new_page: NewPage) -> None:
    page = new_page()
    visit(page, "/start/")
    page.get_by_label("Begin with").select_option("sequence_lstm")
    expect(page.locator("#check")).to_contain_text("sequence_lstm is valid", timeout=WAIT_MS)
    page.get_by_label("The strategy's text").fill(slow_strategy(page))
    page.get_by_label("Name in lists").fill("watched")
    page.get_by_label("Epochs").fill("12")
    expect(page.locator("#check")).to_contain_text("12 epochs", timeout=WAIT_MS)
    page.add_init_script(LATE)
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile("/operations/op_training_"))
    unfold(page)
    expect_epochs(page, 3)
    page.locator("#cancel").click()
    expect_status(page, "cancelled")
    expect_reload(page)
    page.locator("#resume").click()
    expect_status(page, "running")
    others = [another_window(page) for _ in range(MORE_WINDOWS)]
    for window in [page, *others]:
        expect_status(window, "completed")
    expect_reload(page)


NUM_REPORTS = 5
REPORTS = """
from operations import lifecycle
from operations.models import EventType
from tests.operations import scenes
from tests.operations.dashboard.pictures import records, reports

SHOWN = {"phase": "training", "total_epochs": 3000, "total_batches": 98, "batch": 0}

def measured(last, event=None, **progress):
    assert lifecycle.heartbeat(operation.pk, 1, progress=None)
    first = scenes.reread(operation).progress.get("epoch", -1) + 1
    progress |= SHOWN | {"epoch": last, "best_epoch": last}
    with lifecycle.fenced(operation.pk, 1, event, progress=progress) as said:
        records(operation, range(first, last + 1), learning_rate=1e-06)
        said.update(epoch=last, batch=0, size_bytes=1, checkpoint_type="periodic", exact=True)

operation = scenes.as_training(scenes.running())
yield_(operation.pk)
reports(operation, phase="preparing data", total_epochs=3000, step="reading bars")
yield_("it prepares")
measured(2, EventType.STARTED, percent=0.1, val_loss=1.03, best_val_loss=1.03)
yield_("its first epochs, and nothing of how fast it is")
measured(51, percent=1.733, eta_seconds=59.7, val_loss=0.00001325, best_val_loss=1.325e-05,
         train_loss=1234.4, samples_per_second=341454)
yield_("epochs without an event")
measured(52, EventType.CHECKPOINT_SAVED, percent=1.767, eta_seconds=3599.6, val_loss=9999.6,
         best_val_loss=7e-12, train_loss=0.00009, samples_per_second=9.0)
yield_("a save")
reports(operation, **SHOWN, percent=99.99, epoch=52, eta_seconds=0.04)
yield_("what had been told is told no more")
"""


def test_a_page_of_a_running_training_is_its_reload(new_page: NewPage, site: Site) -> None:
    page = new_page()
    with site.acting(REPORTS) as step:
        page.add_init_script(LATE.replace("3000", "1000"))
        visit(page, f"/operations/{step()}/")
        for _ in range(NUM_REPORTS):
            assert step()
            expect_reload(page)
        expect_status(page, "running")
        expect(page.locator("#header [data-live=epoch]")).to_have_text("53")


HELD = """
// Answers to htmx wait until they are let go.
window.held = [];
window.letGo = () => {
  const acts = window.held;
  window.held = { push: (act) => act() };
  acts.forEach((act) => act());
};
const onload = Object.getOwnPropertyDescriptor(XMLHttpRequestEventTarget.prototype, "onload");
Object.defineProperty(XMLHttpRequest.prototype, "onload", {
  get: onload.get,
  set(take) { onload.set.call(this, () => window.held.push(() => take.call(this))); },
});
"""


def test_an_answer_that_a_message_has_overtaken_is_asked_for_anew(
    new_page: NewPage, site: Site
) -> None:
    page = new_page()
    with site.acting(REPORTS) as step:
        address = f"/operations/{step()}/"
        assert step() == "it prepares"
        page.add_init_script(HELD)
        visit(page, address)
        step()  # its first epochs: the header is fetched, and was read before the next ones
        asked = "() => document.querySelector('#header.htmx-request') && window.held.length > 0"
        wait_until(lambda: page.evaluate(asked))
        step()  # epochs without an event: a message alone
        epoch = page.locator("#header [data-live=epoch]")
        expect(epoch).to_have_text("52")
        page.evaluate("letGo()")
        expect(page.locator("#header.htmx-request")).to_have_count(0)
        expect(epoch).to_have_text("52")
        expect_reload(page)
