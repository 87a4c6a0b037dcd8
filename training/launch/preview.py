"""What a training would learn from, before it is started; computed in a process of its own.

Whatever a preview takes, no other request of the site waits for it; the process ends, with its
memory, when its time is over.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from training.errors import PreviewFailed, PreviewRefused
from training.launch.start import StartRequest, check_request

LIMIT_SECONDS = 60  # a million rows of 15 features took 14 s on a busy machine
PATIENCE_SECONDS = 10  # for another preview to end
PROJECT = Path(__file__).parents[2]
PROCESS = (
    "import django; django.setup(); from training.launch import preview_process as process; "
    "process.main()"
)

_SLOTS = BoundedSemaphore(2)  # previews at once, of each process of the site


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of the split."""

    name: str
    samples: int
    first: str
    """Open of the first sample's bar, UTC."""
    last: str
    balance: Mapping[str, int]
    """Samples by class; empty for a regression."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    rows: int
    """Bars of all symbols on which every feature has settled; not every row is a sample."""
    symbols: tuple[str, ...]
    feature_ids: tuple[str, ...]
    sequence_length: int
    """Rows that the network sees at once."""
    parts: tuple[Part, ...]
    symbol_samples: Mapping[str, Mapping[str, int]]
    """By symbol, then part."""
    outside_range: Mapping[str, Mapping[str, Mapping[str, float]]]
    """Shares of rows outside the training rows' range: by symbol, raw input and later part."""
    warnings: tuple[str, ...]
    subject: str
    """What was previewed, as `subject_of` names it."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Preview":
        """From what `asdict` and JSON made of one."""
        lists = {name: tuple(data[name]) for name in ("symbols", "feature_ids", "warnings")}
        return cls(**{**data, **lists, "parts": tuple(Part(**part) for part in data["parts"])})


def run_preview(request: StartRequest, *, limit_seconds: int = LIMIT_SECONDS) -> Preview:
    """Prepare the request's features, which its worker on this machine then finds in the cache.

    Raises as `check_request`, and `PreviewFailed`: the time is over, too many previews are being
    computed, or, `PreviewRefused`, the data do not fit.
    """
    check_request(request)
    if not _SLOTS.acquire(timeout=PATIENCE_SECONDS):
        raise PreviewFailed(reason="Other previews are being computed: try again in a moment.")
    try:
        return _answer(_run(request, limit_seconds), limit_seconds)
    finally:
        _SLOTS.release()


def _run(request: StartRequest, limit_seconds: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROCESS],
        input=json.dumps({"limit_seconds": limit_seconds, "request": asdict(request)}),
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        check=False,
    )


def _answer(ended: subprocess.CompletedProcess[str], limit_seconds: int) -> Preview:
    """The content of the last line that the process wrote."""
    last = json.loads((ended.stdout.splitlines() or ['{"step": "starting"}'])[-1])
    if "preview" in last:
        return Preview.from_json(last["preview"])
    if "refused" in last:
        raise PreviewRefused(reason=last["refused"], errors=last["errors"], subject=last["subject"])
    if ended.returncode == -signal.SIGALRM:
        raise PreviewFailed(
            reason=f"The preview was stopped after {limit_seconds} s, at this step: "
            f"{last['step']}. The training can be started all the same: a worker takes its time."
        )
    raise PreviewFailed(reason="The preview ended without a result; the site's log says why.")
