from argparse import ArgumentParser
from typing import Any

from operations.management.base import ExitCode, KtrdrCommand
from training.folds.cross_validation import CrossValidation
from training.management.folds import add_fold_arguments, start_and_tell


class Command(KtrdrCommand):
    help = (
        "Train a strategy on every choice of groups of its history, and score it on the others "
        "(combinatorial purged cross-validation): several accounts over all groups, each decided "
        "by trainings that have not seen them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_fold_arguments(parser)
        parser.add_argument("--groups", type=int, default=6, metavar="N", help="6 by default.")
        parser.add_argument(
            "--test-groups", type=int, default=2, metavar="N", help="Tested at once; 2 by default."
        )

    def run(self, options: dict[str, Any]) -> ExitCode:
        plan = CrossValidation(groups=options["groups"], test_groups=options["test_groups"])
        return start_and_tell(self, plan, options)
