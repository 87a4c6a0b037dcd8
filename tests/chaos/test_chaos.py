"""A short run of `make chaos`: whatever is killed, nothing is lost, stuck, doubled or unequal.

`CHAOS_SECONDS` sets how long, `CHAOS_SEED` repeats the dice of another run.
"""

import os
import secrets
from pathlib import Path

import pytest

from tests.chaos.play import play
from tests.running.servers import Servers
from tests.running.stack import Stack

pytestmark = pytest.mark.timeout(900)

SECONDS = float(os.environ.get("CHAOS_SECONDS", "15"))


def test_nothing_is_lost_stuck_doubled_or_unequal(
    stack: Stack, servers: Servers, postgres_server, checkpoint_root: Path, capsys
) -> None:
    seed = os.environ.get("CHAOS_SEED") or secrets.token_hex(4)
    report = play(stack, servers, storage=checkpoint_root, seconds=SECONDS, seed=seed)
    with capsys.disabled():
        print("\n" + report.table())
    assert report.broken == []
    assert report.faults.total() > 0 and report.operations["completed"] > 0  # or it shows nothing
