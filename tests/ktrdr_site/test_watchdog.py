"""Whatever a killed program leaves behind is ended, in order."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from ktrdr_site.local.watchdog import session_pids
from tests.running.stack import PROJECT, wait_until

PROGRAM = """
import subprocess, sys, time
from ktrdr_site.local.watchdog import Ward, Watchdog

watchdog = Watchdog()
for stage, script in enumerate(sys.argv[1:]):
    child = subprocess.Popen(["sh", "-c", script], start_new_session=True)
    watchdog.watch(Ward(stage=stage, pid=child.pid, grace_seconds=1))
    print(child.pid, flush=True)
time.sleep(600)
"""


def killed_program(*scripts: str) -> list[int]:
    """Each script becomes a child of a program, which is killed; returns the children's pids."""
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *scripts], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    pids = [int(program.stdout.readline()) for _ in scripts]
    program.kill()
    program.wait()
    program.stdout.close()
    return pids


def all_gone(pids: list[int]) -> bool:
    return not any(session_pids(pid) for pid in pids)


def test_children_end_when_their_program_is_killed() -> None:
    pids = killed_program("sleep 600", "sleep 600")

    wait_until(lambda: all_gone(pids), timeout=10)


def test_a_child_that_ignores_the_stop_signal_is_killed() -> None:
    pids = killed_program("trap '' TERM; while :; do sleep 1; done")

    wait_until(lambda: all_gone(pids), timeout=10)


def test_what_a_child_forked_into_a_group_of_its_own_ends_too() -> None:
    forks = "import os, time; os.fork() or os.setpgrp(); time.sleep(600)"
    pids = killed_program(f"{shlex.quote(sys.executable)} -c '{forks}'")

    wait_until(lambda: all_gone(pids), timeout=10)


def test_a_later_stage_ends_after_the_earlier_one(tmp_path: Path) -> None:
    log = tmp_path / "order"
    slow = f"trap 'sleep 0.3; echo worker >> {log}; exit' TERM; while :; do sleep 0.05; done"
    last = f"trap 'echo valkey >> {log}; exit' TERM; while :; do sleep 0.05; done"
    pids = killed_program(slow, last)

    wait_until(lambda: all_gone(pids), timeout=10)

    assert log.read_text().split() == ["worker", "valkey"]


def test_a_zombie_does_not_count_as_alive() -> None:
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    assert session_pids(child.pid) == [child.pid]
    os.kill(child.pid, signal.SIGKILL)

    wait_until(lambda: session_pids(child.pid) == [], timeout=5)

    child.wait()
