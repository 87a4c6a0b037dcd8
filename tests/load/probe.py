"""Asks `/healthz` over and over, in a process of its own: nobody's work here delays its clock."""

import http.client
import json
import subprocess
import sys
import time
from dataclasses import dataclass

PAUSE_SECONDS = 0.02
PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Figures:
    """How long answers took, in seconds; `unanswered` came to none."""

    seconds: tuple[float, ...]
    unanswered: tuple[str, ...]

    @property
    def median(self) -> float:
        return self._at(0.5)

    @property
    def p99(self) -> float:
        return self._at(0.99)

    @property
    def longest(self) -> float:
        return max(self.seconds)

    def _at(self, share: float) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * share)]


def watch(port: int, *, seconds: float, probes: int) -> Figures:
    """For so long at least, and so many times."""
    command = [sys.executable, "-m", "tests.load.probe", str(port), str(seconds), str(probes)]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    taken, unanswered = json.loads(run.stdout)
    return Figures(seconds=tuple(taken), unanswered=tuple(unanswered))


def _ask(port: int) -> str:
    """What was wrong with the answer; empty of a good one."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
        return "" if status == 200 else f"it answered {status}"
    except (OSError, http.client.HTTPException) as error:
        return repr(error)
    finally:
        connection.close()


def _watch(port: int, seconds: float, probes: int) -> tuple[list[float], list[str]]:
    taken: list[float] = []
    unanswered: list[str] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end or len(taken) + len(unanswered) < probes:
        began = time.monotonic()
        if fault := _ask(port):
            unanswered.append(fault)
        else:
            taken.append(time.monotonic() - began)
        time.sleep(PAUSE_SECONDS)
    return taken, unanswered


if __name__ == "__main__":
    print(json.dumps(_watch(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))))
