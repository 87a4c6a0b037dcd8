"""What a log keeps of what a process says: everything, or the beginning and the newest."""

import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.models import AttemptLog
from operations.reading import attempt_logs
from tests.operations import scenes
from training.attempt.captured_log import MAX_BYTES, BoundedLog, CapturedLog

logger = logging.getLogger(__name__)


def test_a_short_log_is_whole() -> None:
    log = BoundedLog()
    for number in range(100):
        log.add(f"line {number}")
    assert log.text().splitlines() == [f"line {number}" for number in range(100)]
    assert log.left_out_bytes == 0


def test_a_long_one_keeps_how_it_began_and_the_newest() -> None:
    log = BoundedLog()
    for number in range(100_000):
        log.add(f"line {number}")
    lines = log.text().splitlines()
    assert (lines[0], lines[-1]) == ("line 0", "line 99999")
    assert [line for line in lines if "left out" in line] == [
        f"[… {log.left_out_bytes:,} bytes are left out here …]"
    ]
    written = sum(len(f"line {number}\n") for number in range(100_000))
    marker = len(f"[… {log.left_out_bytes:,} bytes are left out here …]\n".encode())
    assert len(log.text().encode()) - marker + log.left_out_bytes == written


@given(st.lists(st.text(max_size=5000), max_size=60))
def test_it_is_bounded_and_can_be_stored_whatever_is_said(said: list[str]) -> None:
    log = BoundedLog()
    for line in said:
        log.add(line)
    stored = log.text().encode()
    assert len(stored) <= MAX_BYTES
    assert b"\0" not in stored and b"\x1b" not in stored


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("\x1b[31mred\x1b[0m \x1b[1;4mbold", "red bold"),
        ("\x1b]8;;https://x\x1b\\link\x1b]8;;\x07", "link"),
        ("10 %\r20 %\r30 %", "30 %"),
        ("from Windows\r", "from Windows"),
        ("nul \0 bell \a tab \t", "nul  bell  tab \t"),
        ("half of a pair \ud800", "half of a pair ?"),
    ],
)
def test_only_text_is_kept(said: str, kept: str) -> None:
    log = BoundedLog()
    log.add(said)
    assert log.text() == f"{kept}\n"


@pytest.mark.django_db
def test_everything_that_python_says_is_taken_in(capsys: pytest.CaptureFixture[str]) -> None:
    operation = scenes.running()
    with CapturedLog(operation.pk, 1) as log:
        logger.info("logged")
        logger.debug("too fine")
        print("prin", end="")
        print("ted")
        print("to stderr", file=sys.stderr)
        log.write_down()
    print("afterwards")
    text = attempt_logs.read(operation).text
    assert "INFO logged\nprinted\nto stderr\n" in text
    assert "too fine" not in text and "afterwards" not in text
    assert "printed\nafterwards\n" in capsys.readouterr().out


@pytest.mark.django_db
def test_it_writes_only_when_there_is_something_new() -> None:
    operation = scenes.running()
    with CapturedLog(operation.pk, 1) as log:
        log.write_down()
        assert not AttemptLog.objects.exists()
        log.add("one")
        log.write_down()
        AttemptLog.objects.all().delete()
        log.write_down()
    assert not AttemptLog.objects.exists()


@pytest.mark.django_db
def test_a_long_one_is_not_written_again_at_once_but_in_the_end() -> None:
    operation = scenes.running()
    with CapturedLog(operation.pk, 1) as log:
        for _ in range(100):
            log.add("x" * 1000)
        log.write_down()
        log.add("the last line")
        log.write_down()
        assert "the last line" not in attempt_logs.read(operation).text
        log.write_down(in_the_end=True)
        assert attempt_logs.read(operation).text.endswith("the last line\n")
