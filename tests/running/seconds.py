"""Where a run's time went: the sum of each folder's seconds, at the end of its log."""

from collections import Counter
from pathlib import PurePosixPath

import pytest

DEPTH = 3
"""Of the folders' names: tests/training/trainer."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    seconds: Counter[str] = Counter()
    tests: Counter[str] = Counter()
    for report in (report for kind in terminalreporter.stats.values() for report in kind):
        if isinstance(report, pytest.TestReport):
            folder = _folder(report)
            seconds[folder] += report.duration  # type: ignore[assignment]
            tests[folder] += report.when == "call"
    if len(seconds) > 1:
        terminalreporter.section("seconds per folder, of all processes together")
        for folder, duration in seconds.most_common():
            terminalreporter.write_line(f"{duration:7.1f} s  {tests[folder]:5} tests  {folder}")


def _folder(report: pytest.TestReport) -> str:
    return "/".join(PurePosixPath(report.nodeid.partition("::")[0]).parent.parts[:DEPTH])
