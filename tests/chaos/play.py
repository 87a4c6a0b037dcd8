"""The play: load, faults at random, quiet, and what is left."""

import random
import re
import time
from collections import Counter
from pathlib import Path

from tests.chaos import faults
from tests.chaos.report import Report, examine
from tests.chaos.site import Site
from tests.running.servers import Servers
from tests.running.stack import Stack

PAUSE_SECONDS = (0.1, 0.8)  # between two faults
RESUME_EVERY = 8  # faults
SETTLE_SECONDS = 300.0


def play(stack: Stack, servers: Servers, *, storage: Path, seconds: float, seed: str) -> Report:
    """`seconds` of faults, then as long as it takes until nothing is live."""
    site = Site(stack=stack, servers=servers, storage=storage, random=random.Random(seed))
    site.train_twins()
    site.open()
    happened: Counter[str] = Counter()
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        site.keep_busy()
        happened[_one_fault(site)] += 1
        if happened.total() % RESUME_EVERY == 0:
            faults.resume(site)
        time.sleep(site.random.uniform(*PAUSE_SECONDS))
    site.settle(SETTLE_SECONDS)
    faults.resume(site)
    site.settle(SETTLE_SECONDS)
    happened.update(_failpoints(stack))
    return examine(site, happened, seed=seed, seconds=seconds)


def _one_fault(site: Site) -> str:
    """Some fault finds something to happen to: the servers are always there."""
    while True:
        (fault,) = site.random.choices(list(faults.FAULTS), list(faults.FAULTS.values()))
        if fault(site):
            return fault.__name__.replace("_", " ")


def _failpoints(stack: Stack) -> Counter[str]:
    """The faults of the storage, as the workers' logs tell them."""
    logs = "".join(process.output for process in stack.processes)
    return Counter(
        f"storage: {error}" for error in re.findall(r"^failpoint \S+: (\w+)", logs, re.MULTILINE)
    )
