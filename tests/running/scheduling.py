"""Which tests run beside one another: a file's run one after the other, and so do those of a group.

A scheduler of our own: xdist 3.8 marks groups in a field that pytest 9.2 no longer reads, so that
`--dist loadgroup` keeps nothing together, without a word.
"""

from collections.abc import Sequence

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

MACHINE = "what fills a machine by itself"
GROUPS = {
    "tests/browser/": "one site, and one Chromium",
    "tests/chaos/": MACHINE,
    "tests/load/": MACHINE,
    "tests/acceptance/test_crash_matrix.py": MACHINE,
    "tests/acceptance/test_family_crash_matrix.py": MACHINE,
    "tests/acceptance/test_sweep_crashes.py": MACHINE,
    "tests/acceptance/test_kill_harness.py": MACHINE,
    "tests/acceptance/test_outages.py": MACHINE,
    "tests/operations/test_family_races.py": "racers, eight processes",
    "tests/operations/test_races.py": "racers, eight processes",
}
LONG = (
    "tests/acceptance/",
    "tests/browser/",
    "tests/chaos/",
    "tests/fuzz/",
    "tests/load/",
    "tests/properties/",
    "tests/ktrdr_site/test_migrations.py",
    "tests/ktrdr_site/test_up.py",
    "tests/operations/commands/test_terminal.py",
    "tests/training/sweep/",
    "tests/training/views/test_operations_list.py",
)
"""They come first, and before them the groups: what lasts for minutes and begins last is what a run
waits for at its end."""


class ByFile(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((name for start, name in GROUPS.items() if file.startswith(start)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    config.option.loadscopereorder = False  # their order is that of the items
    return ByFile(config, log)


@pytest.hookimpl(trylast=True)  # after the shuffle
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _place(item.nodeid))
    assert_each_has_a_name(items)


def _place(nodeid: str) -> int:
    return 0 if nodeid.startswith(tuple(GROUPS)) else 1 if nodeid.startswith(LONG) else 2


def assert_each_has_a_name(items: Sequence[pytest.Item]) -> None:
    """Of several tests with one name xdist would run one."""
    names = [item.nodeid for item in items]
    assert len(set(names)) == len(names), {name for name in names if names.count(name) > 1}
