"""How much memory a horse may take, and who goes first when its machine has none left."""

import logging
import resource
import sys
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)

OOM_SCORE_ADJ = 800
"""Of 1000: when memory runs out, the kernel ends a training before a database or a web process."""
MEGABYTE = 1_000_000
NO_LIMIT = resource.RLIM_INFINITY

_PROCESS = Path("/proc/self")


def go_first_when_memory_runs_out() -> None:
    """Where there is such a thing (Linux); inherited by nobody but what a horse starts."""
    try:
        (_PROCESS / "oom_score_adj").write_text(str(OOM_SCORE_ADJ))
    except OSError as error:
        logger.debug("the kernel was not told to end a training first: %s", error)


def limit_memory() -> None:
    """From here on this process may take KTRDR_TRAINING_MEMORY_MB more than it has.

    What it then asks for in vain raises, and the training ends with its own words. Of a training
    on the CPU only: a GPU's driver asks for addresses that it never fills.
    """
    if settings.KTRDR_TRAINING_MEMORY_MB and sys.platform == "linux":
        allowed = data_bytes() + settings.KTRDR_TRAINING_MEMORY_MB * MEGABYTE
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        soft = allowed if hard == NO_LIMIT else min(allowed, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def lift_limit() -> None:
    """So that a training that ran into it can keep its last good state."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def data_bytes() -> int:
    """What RLIMIT_DATA counts: private memory that can be written to, touched or not. Linux."""
    status = (_PROCESS / "status").read_text()
    return 1024 * int(status.split("VmData:")[1].split()[0])
