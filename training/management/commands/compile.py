"""Compile the kernel and the loops over rows, so that no worker has to."""

import time
from collections.abc import Callable
from typing import Any

from operations.management.base import ExitCode, KtrdrCommand


class Command(KtrdrCommand):
    help = (
        "Compile the training kernel and the loops over rows into the disk cache: half a minute "
        "in a new installation, seconds where it is done. A worker compiles what is not there."
    )

    def run(self, options: dict[str, Any]) -> ExitCode:
        answer = {}
        for name, part in PARTS.items():
            if not options["json"]:
                self.stdout.write(f"Compiling {name} …", ending=" ")
                self.stdout.flush()
            started = time.monotonic()
            problem = part()
            seconds = round(time.monotonic() - started, 1)
            answer[name] = {"seconds": seconds, "problem": problem}
            if not options["json"]:
                self.stdout.write(f"{seconds} s" if problem is None else f"not here: {problem}")
        if options["json"]:
            self.print_json(answer)
        return ExitCode.DONE


def _compile_kernel() -> str | None:
    """Why it cannot be compiled here; autograd then trains every network."""
    from training.trainer.engines import kernel  # torch: for who compiles, not who asks for help

    return kernel.unavailable()


def _compile_loops() -> None:
    from training.features.compile_loops import compile_loops

    compile_loops()


PARTS: dict[str, Callable[[], str | None]] = {
    "the loops over rows": _compile_loops,
    "the training kernel": _compile_kernel,
}
