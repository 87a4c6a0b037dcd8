from argparse import ArgumentParser
from typing import Any

from operations import selectors
from operations.management.base import ExitCode, add_child_user_argument, heir_of
from training.launch.branching import extend_operation
from training.management.branches import BranchCommand


class Command(BranchCommand):
    help = (
        "Let a completed or stopped training go on for more epochs, as a new operation. Without a "
        "schedule that has a length, it ends as one run of that many epochs would have."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("id", help="The operation's id, or a unique beginning or end of it.")
        parser.add_argument("--epochs", type=int, required=True, help="How many in all.")
        add_child_user_argument(parser)

    def run(self, options: dict[str, Any]) -> ExitCode:
        parent = selectors.find_operation(options["id"])
        branch = extend_operation(
            parent.pk, epochs=options["epochs"], owner=heir_of(options, parent)
        )
        return self.tell(branch, as_json=options["json"])
