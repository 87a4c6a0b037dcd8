"""What the commands of a walk-forward and of a cross-validation have in common."""

from argparse import ArgumentParser
from typing import Any

from operations.management.base import ExitCode, KtrdrCommand, add_user_argument, owner_of
from operations.management.following import follow_to_end
from training.folds.start import FoldsStart, Plan, start_folds
from training.management.starting import add_training_arguments, tell, training_request, warn


def add_fold_arguments(parser: ArgumentParser) -> None:
    add_user_argument(parser)
    add_training_arguments(parser)
    parser.add_argument("--seed", type=int, metavar="N")
    parser.add_argument(
        "--embargo",
        type=int,
        metavar="N",
        help="Bars left out after what the labels of a test reach; the strategy's.",
    )


def start_and_tell(command: KtrdrCommand, plan: Plan, options: dict[str, Any]) -> ExitCode:
    warn(command, options)
    training = training_request(options, seed=options["seed"])
    start = FoldsStart(training=training, plan=plan, embargo=options["embargo"])
    started = start_folds(start, owner=owner_of(options))
    tell(command, [started], options)
    if options["follow"]:
        return follow_to_end(command, started.pk, as_json=options["json"])
    return ExitCode.DONE
