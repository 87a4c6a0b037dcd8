from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from operations import selectors
from operations.describing import describe_operation
from operations.management.base import ExitCode, KtrdrCommand


class Command(KtrdrCommand):
    help = "Change the tags and the note of an operation; what is not given stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("id", help="The operation's id, or a unique beginning or end of it.")
        parser.add_argument(
            "--tag", action="append", default=[], metavar="TAG", help="Can be given repeatedly."
        )
        parser.add_argument(
            "--untag", action="append", default=[], metavar="TAG", help="Take it away."
        )
        parser.add_argument("--note", metavar="TEXT", help="Instead of the one that it has.")

    def run(self, options: dict[str, Any]) -> ExitCode:
        operation = selectors.find_operation(options["id"])
        described = describe_operation(
            operation.pk, add=options["tag"], remove=options["untag"], note=options["note"]
        )
        if options["json"]:
            self.print_json(asdict(described))
        else:
            self.stdout.write(f"Tags of {described.operation_id}: {', '.join(described.tags)}")
            self.stdout.write(described.note)
        return ExitCode.DONE
