"""Named points in the code where a test can kill the process, raise, or stall.

Off unless `KTRDR_FAILPOINTS` is set, for example to
`checkpoint.stage.artifact=kill@2;checkpoint.write.sync=ENOSPC;checkpoint.commit.row=stall`, where

- `kill` ends the process with SIGKILL: nothing is cleaned up;
- `raise` raises `FailpointError`;
- the name of an errno (`ENOSPC`, `EIO`) raises that `OSError`;
- `stall` never returns;
- `rest` returns 30 ms later, in which no processor works;
- `stop` stops the process with SIGSTOP, until somebody sends SIGCONT.

`@2` acts at the second hit in this process only; without it, at every hit. `@once` acts at the
first hit of all processes that share the directory `KTRDR_FAILPOINTS_ONCE`, where a file per point
says that it has been reached: a worker's next horse passes where the one before was killed.
"""

import errno
import os
import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path

REST_SECONDS = 0.03

_hits: Counter[str] = Counter()
os.register_at_fork(after_in_child=_hits.clear)


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
    if not _is_due(name, hit):
        return
    if action != "rest":
        print(f"failpoint {name}: {action}", file=sys.stderr, flush=True)
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "stop":
        # To this very thread, which stops the whole process: where another one was to take the
        # signal, and had to wait for a core, this one went on, as far as behind its commit.
        signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
    elif action == "rest":
        time.sleep(REST_SECONDS)
    elif action == "stall":
        threading.Event().wait()
    elif action == "raise":
        raise FailpointError(name)
    else:
        raise OSError(getattr(errno, action), os.strerror(getattr(errno, action)), name)


def _is_due(name: str, hit: str) -> bool:
    if hit == "once":
        return _is_first(name)
    _hits[name] += 1
    return not hit or _hits[name] == int(hit)


def _is_first(name: str) -> bool:
    """Exactly one of any number of processes gets True."""
    try:
        (Path(os.environ["KTRDR_FAILPOINTS_ONCE"]) / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
