"""Named points in the code where a test can kill the process, raise, or stall.

Off unless `KTRDR_FAILPOINTS` is set, for example to
`checkpoint.stage.artifact=kill@2;checkpoint.write.sync=ENOSPC;checkpoint.commit.row=stall`, where

- `kill` ends the process with SIGKILL: nothing is cleaned up;
- `raise` raises `FailpointError`;
- the name of an errno (`ENOSPC`, `EIO`) raises that `OSError`;
- `stall` never returns.

`@2` acts at the second hit in this process only; without it, at every hit.
"""

import errno
import os
import signal
import sys
import threading
from collections import Counter

_hits: Counter[str] = Counter()


class FailpointError(Exception):
    """A test asked for a failure here."""


def failpoint(name: str) -> None:
    """Do what `KTRDR_FAILPOINTS` says about this point; nothing by default (2 µs)."""
    if plan := os.environ.get("KTRDR_FAILPOINTS"):
        _act(name, plan)


def _act(name: str, plan: str) -> None:
    actions = dict(item.strip().split("=") for item in plan.split(";") if item.strip())
    if name not in actions:
        return
    action, _, hit = actions[name].partition("@")
    _hits[name] += 1
    if hit and _hits[name] != int(hit):
        return
    print(f"failpoint {name}: {action}", file=sys.stderr, flush=True)
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "stall":
        threading.Event().wait()
    elif action == "raise":
        raise FailpointError(name)
    else:
        raise OSError(getattr(errno, action), os.strerror(getattr(errno, action)), name)
