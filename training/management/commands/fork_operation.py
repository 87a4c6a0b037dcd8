from argparse import ArgumentParser
from typing import Any

from operations import selectors
from operations.management.base import (
    ExitCode,
    add_child_user_argument,
    heir_of,
)
from training.launch.branching import fork_operation
from training.launch.changes import read_settings
from training.management.arguments import add_accept_seen_test_argument
from training.management.branches import BranchCommand


class Command(BranchCommand):
    help = "Go on from a state of a stopped training with other settings, as a new operation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("id", help="The operation's id, or a unique beginning or end of it.")
        parser.add_argument("--checkpoint", type=int, help="A checkpoint's id; else the newest.")
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="KEY=VALUE",
            help="A setting by its path, such as training.learning_rate=0.01; repeat for more.",
        )
        add_accept_seen_test_argument(parser)
        add_child_user_argument(parser)

    def run(self, options: dict[str, Any]) -> ExitCode:
        parent = selectors.find_operation(options["id"])
        branch = fork_operation(
            parent.pk,
            settings=read_settings(options["set"]),
            checkpoint_id=options["checkpoint"],
            accept_seen_test=options["accept_seen_test"],
            owner=heir_of(options, parent),
        )
        return self.tell(branch, as_json=options["json"])
