"""How much memory this process may take, and who goes first when its machine has none left."""

import logging
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

logger = logging.getLogger(__name__)

OOM_SCORE_ADJ = 800
"""Of 1000: when memory runs out, the kernel ends this before a database or a web process."""
NO_LIMIT = resource.RLIM_INFINITY

_PROCESS = Path("/proc/self")


def go_first_when_memory_runs_out() -> None:
    """Where there is such a thing (Linux); inherited by nobody but what this process starts."""
    try:
        (_PROCESS / "oom_score_adj").write_text(str(OOM_SCORE_ADJ))
    except OSError as error:
        logger.debug("the kernel was not told to end this process first: %s", error)


def allow_more(size_bytes: int) -> None:
    """From here on this process may take that much more than it has.

    What it then asks for in vain raises.

    On Linux only. By RLIMIT_DATA, which unlike RLIMIT_AS counts no mapped file.
    """
    if sys.platform != "linux":
        return
    allowed = data_bytes() + size_bytes
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    soft = allowed if hard == NO_LIMIT else min(allowed, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def lift_limit() -> None:
    """So that who ran into it can still keep what it has."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


@contextmanager
def keeping_limit() -> Iterator[None]:
    """Afterwards this process may take what it might before."""
    before = resource.getrlimit(resource.RLIMIT_DATA)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def resident_bytes() -> int:
    """What this process has in memory now, shared or not. Linux; elsewhere the most it ever had."""
    try:
        pages = int((_PROCESS / "statm").read_text().split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return pages * resource.getpagesize()


def data_bytes() -> int:
    """What RLIMIT_DATA counts: private memory that can be written to, touched or not. Linux."""
    status = (_PROCESS / "status").read_text()
    return 1024 * int(status.split("VmData:")[1].split()[0])
