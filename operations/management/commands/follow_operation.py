from argparse import ArgumentParser
from typing import Any

from operations import selectors
from operations.management.base import ExitCode, KtrdrCommand
from operations.management.following import follow_to_end


class Command(KtrdrCommand):
    help = "Show an operation as it goes, until it ends. Ctrl-C detaches; the operation goes on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("id", help="The operation's id, or a unique beginning or end of it.")

    def run(self, options: dict[str, Any]) -> ExitCode:
        operation = selectors.find_operation(options["id"])
        return follow_to_end(self, operation.pk, as_json=options["json"])
