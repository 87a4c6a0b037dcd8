from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from operations.errors import InvalidInput
from operations.management.base import ExitCode, KtrdrCommand, add_user_argument, owner_of
from operations.management.following import follow_to_end
from training.management.starting import add_training_arguments, tell, training_request, warn
from training.strategy.limits import MAX_CHARACTERS
from training.sweep.space import shipped_spaces
from training.sweep.start import SAMPLER_NAMES, SweepStart, start_sweep


def rungs(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(epochs) for epochs in text.split(","))
    except ValueError:
        raise ArgumentTypeError("epochs with commas between them, such as 10,30,90") from None


class Command(KtrdrCommand):
    help = (
        "Search a strategy's settings. Each point of the space is a training; at each rung the "
        "best third goes on, and only the winner is scored on the test part. The same seed ends "
        "with the same winner, however many workers there are and whatever is killed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_user_argument(parser)
        add_training_arguments(parser)
        parser.add_argument(
            "--space",
            required=True,
            metavar="FILE",
            help="YAML, settings by path with their values; or the name of a shipped one.",
        )
        parser.add_argument("--sampler", choices=SAMPLER_NAMES, default="random")
        parser.add_argument("--trials", type=int, metavar="N", help="81 unless there are fewer.")
        parser.add_argument(
            "--brackets", type=int, metavar="N", help="1 unless the sampler is tpe, which has 3."
        )
        parser.add_argument(
            "--rungs",
            type=rungs,
            metavar="N,N,…",
            help="Epochs after which trials are compared; the last are all of them.",
        )
        parser.add_argument(
            "--seed", type=int, metavar="N", default=0, help="Of the search; trials keep theirs."
        )

        parser.add_argument(
            "--repeat",
            type=int,
            metavar="N",
            default=1,
            help="Trainings of each trial, with a seed each: compared by their mean.",
        )

    def run(self, options: dict[str, Any]) -> ExitCode:
        warn(self, options)
        start = SweepStart(
            training=training_request(options, seed=None),
            space=_read(options["space"]),
            space_source=options["space"],
            sampler=options["sampler"],
            trials=options["trials"],
            brackets=options["brackets"],
            rungs=options["rungs"],
            seed=options["seed"],
            repeat=options["repeat"],
        )
        started = start_sweep(start, owner=owner_of(options))
        tell(self, [started], options)
        if options["follow"]:
            return follow_to_end(self, started.pk, as_json=options["json"])
        return ExitCode.DONE


def _read(path: str) -> str:
    """Raises `InvalidInput`, which says nothing of what is there instead."""
    try:
        with shipped_spaces().get(path, Path(path)).open(encoding="utf-8") as file:
            return file.read(MAX_CHARACTERS + 1)
    except (OSError, ValueError):
        raise InvalidInput(reason=f"--space {path}: this is no file of text") from None
