from argparse import ArgumentParser
from typing import Any

from operations import selectors
from operations.management.base import (
    ExitCode,
    KtrdrCommand,
    add_child_user_argument,
    heir_of,
)
from operations.management.following import follow_to_end
from training.folds.extending import extend_walk_forward
from training.management.starting import tell


class Command(KtrdrCommand):
    help = (
        "Extend a walk-forward by the windows that fit by now, as a new operation. Its first "
        "windows are not trained again: where their bars are others now, nothing is started."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("id", help="The operation's id, or a unique beginning or end of it.")
        parser.add_argument("--follow", action="store_true", help="Then show it until it ends.")
        add_child_user_argument(parser)

    def run(self, options: dict[str, Any]) -> ExitCode:
        parent = selectors.find_operation(options["id"])
        started = extend_walk_forward(parent.pk, owner=heir_of(options, parent))
        tell(self, [started], options)
        if options["follow"]:
            return follow_to_end(self, started.pk, as_json=options["json"])
        return ExitCode.DONE
