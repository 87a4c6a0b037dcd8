from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from operations.errors import InvalidInput
from operations.management.base import ExitCode, KtrdrCommand, add_user_argument, owner_of
from operations.management.following import follow_to_end
from operations.models import Operation
from operations.reading.as_json import present
from operations.reading.overview import overviews
from operations.reading.workers import NONE, absence
from training.devices import DEVICES
from training.launch.priority import QUEUE_BY_PRIORITY
from training.launch.seeds import start_seeds
from training.launch.start import CheckpointSettings, StartRequest, start_training
from training.strategy import StrategyFile, find_strategy


class Command(KtrdrCommand):
    help = "Start training a strategy. A worker takes it; nothing is trained in this process."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_user_argument(parser)
        parser.add_argument("strategy", help="Name of a shipped strategy, or a file.")
        parser.add_argument("--symbols", nargs="+", metavar="SYMBOL")
        parser.add_argument("--timeframes", nargs="+", metavar="TIMEFRAME")
        parser.add_argument("--start-date", metavar="DATE")
        parser.add_argument("--end-date", metavar="DATE")
        parser.add_argument("--epochs", type=int, metavar="N")
        parser.add_argument("--seed", type=int, metavar="N")
        parser.add_argument(
            "--seeds",
            type=int,
            metavar="N",
            help="Start N that differ in the seed only, from --seed on.",
        )
        parser.add_argument("--name", default="", help="Shown in lists.")
        parser.add_argument("--device", choices=DEVICES, default="auto")
        parser.add_argument(
            "--priority",
            choices=list(QUEUE_BY_PRIORITY),
            default="normal",
            help="high takes a permission of the --user's.",
        )
        parser.add_argument("--max-restarts", type=int, metavar="N")
        parser.add_argument("--checkpoint-epochs", type=int, metavar="N")
        parser.add_argument("--checkpoint-seconds", type=float, metavar="SECONDS")
        parser.add_argument("--checkpoint-keep", type=int, metavar="N")
        parser.add_argument(
            "--lenient",
            action="store_true",
            help="Ignore, with a warning, keys of older files that have no effect here.",
        )
        parser.add_argument("--follow", action="store_true", help="Then show it until it ends.")

    def run(self, options: dict[str, Any]) -> ExitCode:
        if options["seeds"] and options["follow"]:
            raise InvalidInput(reason="--follow shows one operation: it goes without --seeds.")
        self._warn(options)
        request, owner = _request(options), owner_of(options)
        if options["seeds"] is None:
            started = [start_training(request, owner=owner)]
        else:
            started = start_seeds(request, seeds=options["seeds"], owner=owner)
        self._tell(started, options)
        if options["follow"]:
            return follow_to_end(self, started[0].pk, as_json=options["json"])
        return ExitCode.DONE

    def _warn(self, options: dict[str, Any]) -> None:
        """Raises `StrategyInvalid`, which here names the file."""
        for warning in _find(options).load(lenient=options["lenient"]).warnings:
            self.stderr.write(f"Warning: {warning}")

    def _tell(self, started: list[Operation], options: dict[str, Any]) -> None:
        if options["json"]:
            for operation in started:
                operation.refresh_from_db()
            shown = [present(overview) for overview in overviews(started)]
            one = options["seeds"] is None
            self.print_json(shown[0] if one else shown, indent=None if options["follow"] else 2)
            return
        for operation in started:
            self.stdout.write(f"Started operation: {operation.pk}")
            if not options["follow"]:
                self.stdout.write(
                    f"Follow it with: {settings.MANAGE} follow_operation {operation.pk}"
                )
        if told := absence():
            how = f" Start one with {settings.MANAGE} rqworker" if told == NONE else ""
            self.stderr.write(f"{told}{how}")


def _request(options: dict[str, Any]) -> StartRequest:
    return StartRequest(
        strategy_yaml=_find(options).text,
        symbols=_tuple(options["symbols"]),
        timeframes=_tuple(options["timeframes"]),
        start_date=options["start_date"],
        end_date=options["end_date"],
        epochs=options["epochs"],
        seed=options["seed"],
        name=options["name"],
        device=options["device"],
        priority=options["priority"],
        max_restarts=options["max_restarts"],
        checkpoint=CheckpointSettings(
            every_epochs=options["checkpoint_epochs"],
            every_seconds=options["checkpoint_seconds"],
            keep=options["checkpoint_keep"],
        ),
        lenient=options["lenient"],
    )


def _find(options: dict[str, Any]) -> StrategyFile:
    return find_strategy(options["strategy"], allow_paths=True)


def _tuple(names: list[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)
