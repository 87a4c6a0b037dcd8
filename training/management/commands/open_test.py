from argparse import ArgumentParser
from typing import Any

from operations import selectors
from operations.management.base import ExitCode, add_child_user_argument, heir_of
from training.launch.branching import open_test
from training.management.branches import BranchCommand


class Command(BranchCommand):
    help = (
        "Score what a stopped training, such as a trial that is out, has learned on its test part: "
        "a new operation trains nothing and completes with a model. It is one more look at those "
        "bars."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("id", help="The operation's id, or a unique beginning or end of it.")
        add_child_user_argument(parser)

    def run(self, options: dict[str, Any]) -> ExitCode:
        parent = selectors.find_operation(options["id"])
        branch = open_test(parent.pk, owner=heir_of(options, parent))
        return self.tell(branch, as_json=options["json"])
