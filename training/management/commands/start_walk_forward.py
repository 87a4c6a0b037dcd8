from argparse import ArgumentParser
from typing import Any

from operations.management.base import ExitCode, KtrdrCommand
from training.folds.duration import FORM
from training.folds.request import FRESH
from training.folds.walk_forward import STARTS, WalkForward
from training.management.folds import add_fold_arguments, start_and_tell


class Command(KtrdrCommand):
    help = (
        "Train a strategy on windows that move forward, and score what it decided after each: one "
        "account over all tests. Lengths are " + FORM + "."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_fold_arguments(parser)
        parser.add_argument(
            "--train", required=True, metavar="LENGTH", help="Of a window, with its validation."
        )
        parser.add_argument("--test", required=True, metavar="LENGTH", help="What follows it.")
        parser.add_argument(
            "--step", metavar="LENGTH", help="From window to window; the test's length."
        )
        parser.add_argument(
            "--validation",
            metavar="LENGTH",
            help="The end of each training window; a fifth of its bars.",
        )
        parser.add_argument(
            "--anchored", action="store_true", help="Train every window from the first bar on."
        )
        parser.add_argument(
            "--start",
            choices=STARTS,
            default=FRESH,
            help="What a window begins with: fresh weights, or those of the previous one.",
        )
        parser.add_argument(
            "--gaps", action="store_true", help="Let a longer step leave out bars between tests."
        )

    def run(self, options: dict[str, Any]) -> ExitCode:
        names = ("train", "test", "step", "validation", "anchored", "gaps", "start")
        plan = WalkForward(**{name: options[name] for name in names})
        return start_and_tell(self, plan, options)
