"""Services are kept running, and end in order with everything they forked."""

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ktrdr_site.local.service import Service
from ktrdr_site.local.supervisor import Supervisor
from ktrdr_site.local.watchdog import Watchdog, session_pids
from tests.running.stack import wait_until

FOREVER = "while :; do sleep 0.05; done"


class Enough(Exception):
    pass


class Site:
    def __init__(self, supervisor: Supervisor) -> None:
        self.supervisor = supervisor
        self.lines: list[tuple[str, str]] = []

    def start(self, name: str, script: str, *, stage: int = 0, grace_seconds: float = 5) -> int:
        return self.supervisor.start(
            Service(
                name=name,
                command=["sh", "-c", script],
                stage=stage,
                grace_seconds=grace_seconds,
            )
        ).pid

    def said(self, name: str, line: str) -> int:
        return self.lines.count((name, line))

    def run_until(self, condition: Callable[[], object]) -> None:
        def tick() -> None:
            if condition():
                raise Enough

        with pytest.raises(Enough):
            self.supervisor.run(each_tick=tick)


@pytest.fixture
def site() -> Iterator[Site]:
    with closing(Watchdog()) as watchdog:
        lines: list[tuple[str, str]] = []
        supervisor = Supervisor(watchdog=watchdog, say=lambda *said: lines.append(said))
        site = Site(supervisor)
        site.lines = lines
        yield site
        supervisor.stop()


def test_each_line_is_shown_with_the_name_of_its_service(site: Site) -> None:
    site.start("web", f"echo one; echo two; {FOREVER}")

    site.run_until(lambda: len(site.lines) == 2)

    assert site.lines == [("web", "one"), ("web", "two")]


def test_a_service_that_ended_well_is_started_again(site: Site) -> None:
    site.start("worker", "echo hello; exit 0")

    site.run_until(lambda: site.said("worker", "hello") == 2)

    assert site.said("up", "worker ended (exit code 0) and is started again")


def test_the_first_stage_has_ended_before_the_second_is_told(site: Site) -> None:
    site.start("valkey", f"trap 'echo last; exit' TERM; echo on; {FOREVER}", stage=2)
    site.start("worker", f"trap 'sleep 0.3; echo first; exit' TERM; echo on; {FOREVER}", stage=0)
    site.run_until(lambda: site.said("worker", "on") and site.said("valkey", "on"))

    site.supervisor.stop()

    assert site.lines[2:] == [("worker", "first"), ("valkey", "last")]


def test_a_service_that_does_not_end_is_killed_after_its_grace(site: Site) -> None:
    pid = site.start("web", f"trap '' TERM; echo on; {FOREVER}", grace_seconds=0.3)
    site.run_until(lambda: site.said("web", "on"))

    site.supervisor.stop()

    assert session_pids(pid) == []
    assert ("up", "web did not end in time and is killed") in site.lines


def test_what_a_dead_worker_left_running_is_ended_with_the_site(site: Site, tmp_path: Path) -> None:
    horse = "import os, time; os.setpgrp(); time.sleep(600)"
    first_start = (
        f"mkdir {tmp_path}/once && {{ {shlex.quote(sys.executable)} -c '{horse}' & exit 1; }}"
    )
    pid = site.start("worker", f"{first_start}; echo again; {FOREVER}", grace_seconds=0.3)
    site.run_until(lambda: site.said("worker", "again"))
    assert session_pids(pid)

    site.supervisor.stop()

    wait_until(lambda: session_pids(pid) == [], timeout=10)
