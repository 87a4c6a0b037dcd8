"""Failpoints do nothing until a test asks for them, and then just what it asked for."""

import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from checkpoints.failpoints import REST_SECONDS, FailpointError, failpoint


def test_nothing_happens_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KTRDR_FAILPOINTS", raising=False)
    failpoint("here")


def test_other_points_are_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KTRDR_FAILPOINTS", "there=raise")
    failpoint("here")


def test_a_point_raises_at_every_hit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KTRDR_FAILPOINTS", "there=kill; here.every=raise;")

    for _ in range(2):
        with pytest.raises(FailpointError, match=r"here\.every"):
            failpoint("here.every")


def test_a_point_raises_at_the_hit_that_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KTRDR_FAILPOINTS", "here.second=raise@2")

    failpoint("here.second")
    with pytest.raises(FailpointError):
        failpoint("here.second")
    failpoint("here.second")


def test_an_errno_is_raised_as_the_system_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KTRDR_FAILPOINTS", "here.errno=ENOSPC")

    with pytest.raises(OSError, match="No space left on device"):
        failpoint("here.errno")


def test_a_stalled_process_says_so_and_stays_until_it_is_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KTRDR_FAILPOINTS", "here.stall=stall")
    reader, writer = os.pipe()
    child = multiprocessing.get_context("fork").Process(target=stall, args=(writer,))
    child.start()
    assert os.read(reader, 100) == b"failpoint here.stall: stall\n"

    child.join(0.1)
    assert child.is_alive()
    child.kill()
    child.join()
    assert child.exitcode == -signal.SIGKILL


def test_a_rest_takes_its_time_without_a_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KTRDR_FAILPOINTS", "here=rest")
    began = time.monotonic()
    failpoint("here")
    assert time.monotonic() - began >= REST_SECONDS
    assert capsys.readouterr() == ("", "")


def stall(stderr: int) -> None:
    sys.stderr = os.fdopen(stderr, "w")
    failpoint("here.stall")


def test_once_acts_in_one_of_all_processes_that_share_the_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KTRDR_FAILPOINTS", "here.once=kill@once")
    monkeypatch.setenv("KTRDR_FAILPOINTS_ONCE", str(tmp_path))
    context = multiprocessing.get_context("fork")
    exit_codes = []
    for _ in range(3):
        child = context.Process(target=failpoint, args=("here.once",))
        child.start()
        child.join()
        exit_codes.append(child.exitcode)

    assert exit_codes == [-signal.SIGKILL, 0, 0]


def test_a_stopped_process_goes_on_when_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KTRDR_FAILPOINTS", "here.stop=stop")
    child = multiprocessing.get_context("fork").Process(target=failpoint, args=("here.stop",))
    child.start()
    assert child.pid is not None
    _, status = os.waitpid(child.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)

    os.kill(child.pid, signal.SIGCONT)
    child.join()
    assert child.exitcode == 0
