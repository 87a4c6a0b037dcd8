"""Whatever one user or anybody does, the site answers and a training loses no heartbeat.

`make test` tries the cheapest rows and looks for answers at all; with `LOAD=all`, as `make load`
sets it, every row is tried, and the answers have to come soon.
"""

import os

import pytest

from tests.load import probe
from tests.load.probe import PATIENCE_SECONDS, Figures
from tests.load.rows import ROWS, Row
from tests.load.site import LoadedSite
from tests.load.tries import Tries
from tests.running.stack import Stack

WANTED = os.environ.get("LOAD", "")
IS_WHOLE = WANTED != ""
TRIED = [row for row in ROWS if (WANTED in ("all", row.name) if IS_WHOLE else row.is_cheap)]
SECONDS, PROBES = (12.0, 300) if IS_WHOLE else (5.0, 1)
MEDIAN_SECONDS, P99_SECONDS = 0.050, 0.250


def tried(site: LoadedSite, row: Row) -> tuple[Tries, Figures]:
    tries = Tries(port=site.port)
    with tries.under_way(row.ask(site, tries), attackers=row.attackers):
        return tries, probe.watch(site.port, seconds=SECONDS, probes=PROBES)


def faults(row: Row, figures: Figures) -> list[str]:
    found = [f"{row.name}: no answer: {fault}" for fault in figures.unanswered]
    if figures.seconds and figures.longest > PATIENCE_SECONDS:
        found.append(f"{row.name}: an answer took {figures.longest:.1f} s")
    if IS_WHOLE and figures.median > MEDIAN_SECONDS:
        found.append(f"{row.name}: the median is {figures.median:.3f} s")
    if IS_WHOLE and figures.p99 > P99_SECONDS:
        found.append(f"{row.name}: the 99th percentile is {figures.p99:.3f} s")
    return found


def line(row: Row, tries: Tries, figures: Figures) -> str:
    answers = ", ".join(f"{count} x {answer}" for answer, count in tries.answers.most_common(5))
    times = (figures.median, figures.p99, figures.longest)
    cells = (row.name, row.before, *(f"{seconds * 1000:.0f} ms" for seconds in times), answers)
    return f"| {' | '.join(cells)} |"


@pytest.mark.timeout(900)
def test_the_site_answers_and_trains_on_whatever_is_tried(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    site = LoadedSite(stack=stack, has_large_model=IS_WHOLE)
    found: list[str] = []
    lines = ["", "| what | on 0.1.0 | median | p99 | longest | answered |", "|---" * 6 + "|"]
    for row in TRIED:
        tries, figures = tried(site, row)
        lines.append(line(row, tries, figures))
        found += faults(row, figures)
        found += [f"{row.name}: the training: {event}" for event in sorted(site.lost())]
    if IS_WHOLE:
        with capsys.disabled():
            print("\n".join(lines))
    assert not found, "\n".join([*found, *lines])
