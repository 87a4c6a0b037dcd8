"""What commands have in common that start trainings: their arguments, and what they tell."""

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.conf import settings

from operations.management.base import KtrdrCommand
from operations.models import Operation
from operations.reading.as_json import present
from operations.reading.overview import overviews
from operations.reading.workers import NONE, absence
from training.devices import DEVICES
from training.launch.priority import QUEUE_BY_PRIORITY
from training.launch.start import CheckpointSettings, StartRequest
from training.strategy import StrategyFile, find_strategy


def add_training_arguments(parser: ArgumentParser) -> None:
    """Of the strategy and how it is trained, without the seed."""
    parser.add_argument("strategy", help="Name of a shipped strategy, or a file.")
    parser.add_argument("--symbols", nargs="+", metavar="SYMBOL")
    parser.add_argument("--timeframes", nargs="+", metavar="TIMEFRAME")
    parser.add_argument("--start-date", metavar="DATE")
    parser.add_argument("--end-date", metavar="DATE")
    parser.add_argument("--epochs", type=int, metavar="N")
    parser.add_argument("--name", default="", help="Shown in lists.")
    parser.add_argument("--device", choices=DEVICES, default="auto")
    parser.add_argument(
        "--priority",
        choices=list(QUEUE_BY_PRIORITY),
        default="normal",
        help="high takes a permission of the --user's.",
    )
    parser.add_argument("--max-restarts", type=int, metavar="N")
    parser.add_argument(
        "--checkpoint-epochs",
        type=int,
        metavar="N",
        help="Epochs between two checkpoints; of short ones as many more as take 2 s.",
    )
    parser.add_argument("--checkpoint-seconds", type=float, metavar="SECONDS")
    parser.add_argument("--checkpoint-keep", type=int, metavar="N")
    parser.add_argument(
        "--lenient",
        action="store_true",
        help="Ignore, with a warning, keys of older files that have no effect here.",
    )
    parser.add_argument("--follow", action="store_true", help="Then show it until it ends.")


def training_request(options: dict[str, Any], *, seed: int | None) -> StartRequest:
    return StartRequest(
        strategy_yaml=strategy_file(options).text,
        symbols=_tuple(options["symbols"]),
        timeframes=_tuple(options["timeframes"]),
        start_date=options["start_date"],
        end_date=options["end_date"],
        epochs=options["epochs"],
        seed=seed,
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


def warn(command: KtrdrCommand, options: dict[str, Any]) -> None:
    """Raises `StrategyInvalid`, which here names the file."""
    for warning in strategy_file(options).load(lenient=options["lenient"]).warnings:
        command.stderr.write(f"Warning: {warning}")


def tell(
    command: KtrdrCommand,
    started: Sequence[Operation],
    options: dict[str, Any],
    *,
    as_list: bool = False,
) -> None:
    """What was started, how it is followed, and whether a worker is there."""
    if options["json"]:
        for operation in started:
            operation.refresh_from_db()
        shown = [present(overview) for overview in overviews(started)]
        indent = None if options["follow"] else 2
        command.print_json(shown if as_list else shown[0], indent=indent)
        return
    for operation in started:
        command.stdout.write(f"Started operation: {operation.pk}")
        if not options["follow"]:
            command.stdout.write(f"Follow it with: {settings.FOLLOW} {operation.pk}")
    if told := absence():
        how = f" Start one with {settings.MANAGE} rqworker" if told == NONE else ""
        command.stderr.write(f"{told}{how}")


def strategy_file(options: dict[str, Any]) -> StrategyFile:
    return find_strategy(options["strategy"], allow_paths=True)


def _tuple(names: list[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)
