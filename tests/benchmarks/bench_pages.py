"""How soon a page's largest text stands there, in Chromium, on a site with 100 trainings.

    python -m tests.benchmarks.bench_pages [--trainings N]

Largest contentful paint and time to the first byte of pages that the browser has seen before, in
turns, beside the sign-in page, which reads nothing: what the machine and the browser take by
themselves. Nothing trains meanwhile. Needs Chromium.
"""

import argparse
import signal
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from ktrdr_site.local.watchdog import Watchdog
from tests.benchmarks.figures import Figure, machine, table
from tests.browser.chromium import installed, launched
from tests.browser.site import Site
from tests.running.up import Up

MOST_MILLISECONDS = 150.0
ROUNDS = 9
SIGN_IN = "sign in"
LARGEST = """() => new Promise((tell) => {
  let largest = 0;
  new PerformanceObserver((seen) => { largest = seen.getEntries().at(-1).startTime; })
    .observe({type: "largest-contentful-paint", buffered: true});
  const byte = performance.getEntriesByType("navigation")[0].responseStart;
  setTimeout(() => tell([largest, byte]), 300);
})"""

Measured = tuple[float, float]
"""Milliseconds until the largest paint, and until the first byte."""


@contextmanager
def site_with(trainings: int) -> Iterator[Site]:
    """A site of `manage.py up`, after so many trainings of one epoch and one of many."""
    with tempfile.TemporaryDirectory() as directory:
        watchdog, data = Watchdog(), Path(directory) / "var"
        up = Up(data, Path(directory) / "up.log", watchdog)
        try:
            up.wait_until_ready()
            user, _, password = (data / "first_login").read_text().split()
            url = f"http://127.0.0.1:{up.port}"
            site = Site(url=url, user=user, password=password, data=data)
            site.train("sp500_daily", "--epochs", "1", "--seeds", str(trainings))
            yield site
        finally:
            up.send(signal.SIGINT)
            up.wait()
            watchdog.close()


def pages(site: Site, page: Page) -> dict[str, str]:
    """Addresses by name."""
    page.goto(f"{site.url}/models/")
    models = page.evaluate("fetch('/api/v1/models?page_size=2').then((told) => told.json())")
    ids = [model["operation_id"] for model in models["data"]]
    return {
        "operations": "/operations/",
        "an operation": f"/operations/{ids[0]}/",
        "models": "/models/",
        "a model": f"/models/{models['data'][0]['id']}/",
        "start": "/start/",
        "compare": f"/compare/?ids={','.join(ids)}",
        "data": "/data/",
    }


def look(page: Page, address: str) -> Measured:
    page.goto(address)
    largest, byte = page.evaluate(LARGEST)
    return largest, byte


def measure(site: Site, path: str) -> dict[str, list[Measured]]:
    """Each page in turns; the first round, in which nothing is cached, is not counted."""
    with launched(path) as browser:
        page, stranger = (browser.new_page(base_url=site.url) for _ in range(2))
        site.sign_in(page)
        addresses = pages(site, page)
        seen: dict[str, list[Measured]] = {name: [] for name in (SIGN_IN, *addresses)}
        for number in range(ROUNDS + 1):
            round_of = {SIGN_IN: look(stranger, "/login/")}
            round_of |= {name: look(page, address) for name, address in addresses.items()}
            if number:
                for name, measured in round_of.items():
                    seen[name].append(measured)
        return seen


def main(arguments: Sequence[str] = ()) -> list[Figure]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trainings", type=int, default=100)
    options = parser.parse_args(arguments)
    path = installed()
    if path is None:
        sys.exit("There is no Chromium here (Debian: apt-get install chromium).")
    where = machine()
    with site_with(options.trainings) as site:
        seen = measure(site, path)
    floor = [largest for largest, _ in seen[SIGN_IN]]
    figures = [
        Figure.of_rounds(
            [largest for largest, _ in measured],
            floor,
            name=f"{name} (first byte after {statistics.median(b for _, b in measured):.0f} ms)",
            unit="ms",
            reference=SIGN_IN,
            at_most=MOST_MILLISECONDS,
        )
        for name, measured in seen.items()
        if name != SIGN_IN
    ]
    print(", ".join(f"{name}: {value}" for name, value in where.items()))
    print("\n".join(table("Largest contentful paint with 100 trainings", figures)))
    return figures


if __name__ == "__main__":
    main(sys.argv[1:])
