from argparse import ArgumentParser
from typing import Any

from operations import selectors
from operations.management.base import ExitCode, KtrdrCommand
from operations.management.following import follow_to_end


class Command(KtrdrCommand):
    help = "Show an operation as it goes, until it ends. Ctrl-C detaches; the operation goes on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "id",
            nargs="?",
            help="The operation's id, or a unique beginning or end of it; without, the newest that "
            "waits or runs.",
        )

    def run(self, options: dict[str, Any]) -> ExitCode:
        if options["id"]:
            operation = selectors.find_operation(options["id"])
        else:
            operation = selectors.newest_live()
            if not options["json"]:
                self.stdout.write(f"Following operation: {operation.pk}")
        return follow_to_end(self, operation.pk, as_json=options["json"])
