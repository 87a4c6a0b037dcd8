import os
import select
import signal
from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from operations import actor
from operations.actor import Actor
from operations.errors import InvalidInput
from operations.management.base import ExitCode, KtrdrCommand
from operations.models import Process
from operations.upkeep import presence, sweeper
from operations.webhook import delivery


class Command(KtrdrCommand):
    help = (
        "Recover operations whose worker died. Without --every it looks until it may declare "
        "something lost, and ends."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--every", type=float, metavar="SECONDS", help="Go on until stopped.")

    def actor(self) -> Actor:
        return actor.system("sweeper")

    def run(self, options: dict[str, Any]) -> ExitCode:
        stop = StopSignal()
        if options["every"] is None:
            self._sweep_once(stop, as_json=options["json"])
        elif options["every"] > 0:
            sweeper.sweep_forever(every_seconds=options["every"], stopped=stop.wait)
        else:
            raise InvalidInput(reason="--every is a number of seconds, more than 0.")
        return ExitCode.DONE

    def _sweep_once(self, stop: "StopSignal", *, as_json: bool) -> None:
        """The first look after a pause may declare nothing lost: go on until one may."""
        name = sweeper.sweeper_name()
        delivery.deliver_due()
        recovered = rung = 0
        while True:
            swept = sweeper.sweep(name=name)
            recovered, rung = recovered + swept.recovered, rung + swept.rung
            if not swept.quiet:
                presence.leave(Process.Kind.SWEEPER, name)
                break
            if stop.wait(settings.KTRDR_SWEEP_INTERVAL_SECONDS):
                break
        if as_json:
            self.print_json({"recovered": recovered, "rung": rung})
        else:
            self.stdout.write(f"Recovered: {recovered}. Rung again: {rung}.")


class StopSignal:
    """SIGTERM or SIGINT. A pipe, because a handler may not touch the lock of an Event."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._handle)

    def wait(self, seconds: float) -> bool:
        """True at once when the signal is or was there, False after `seconds` without one."""
        ready, _, _ = select.select([self._reader], [], [], seconds)
        return bool(ready)

    def _handle(self, number: int, frame: object) -> None:
        os.write(self._writer, b"\0")
