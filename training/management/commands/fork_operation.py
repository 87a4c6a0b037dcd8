from argparse import ArgumentParser
from typing import Any

from operations import selectors
from operations.management.base import (
    ExitCode,
    add_user_argument,
    owner_of,
)
from training.errors import StartInvalid
from training.launch.branching import fork_operation
from training.management.arguments import add_accept_seen_test_argument
from training.management.branches import BranchCommand
from training.strategy.document import read_value


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
        add_user_argument(parser)

    def run(self, options: dict[str, Any]) -> ExitCode:
        parent = selectors.find_operation(options["id"])
        branch = fork_operation(
            parent.pk,
            settings=dict(map(_setting, options["set"])),
            checkpoint_id=options["checkpoint"],
            accept_seen_test=options["accept_seen_test"],
            owner=owner_of(options),
        )
        return self.tell(branch, as_json=options["json"])


def _setting(text: str) -> tuple[str, Any]:
    """A path and its value, which is read as in a strategy file. Raises `StartInvalid`."""
    key, equals, value = text.partition("=")
    try:
        if not equals:
            raise ValueError("it has no =")
        return key.strip(), read_value(value)
    except ValueError as error:
        fault = {"pointer": "#/set", "detail": f"{text!r} is not key=value: {error}"}
        raise StartInvalid([fault]) from error
