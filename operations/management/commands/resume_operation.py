from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from operations import selectors
from operations.devices import DEVICES
from operations.management.base import (
    ExitCode,
    KtrdrCommand,
    add_accept_seen_test_argument,
)
from operations.management.following import follow_to_end
from operations.operation_types import ResumeOptions
from operations.reading.words import position_words
from operations.resume import Resumed, resume_operation


class Command(KtrdrCommand):
    help = "Let a cancelled or failed operation go on from its newest checkpoint that verifies."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("id", help="The operation's id, or a unique beginning of it.")
        parser.add_argument(
            "--accept-changed-data",
            action="store_true",
            help="Go on although the data differ from those of the start; recorded.",
        )
        add_accept_seen_test_argument(parser)
        parser.add_argument("--device", choices=DEVICES)
        parser.add_argument("--follow", action="store_true", help="Then show it until it ends.")

    def run(self, options: dict[str, Any]) -> ExitCode:
        operation = selectors.find_operation(options["id"])
        resumed = resume_operation(
            operation.pk,
            ResumeOptions(
                accept_changed_data=options["accept_changed_data"],
                accept_seen_test=options["accept_seen_test"],
                device=options["device"],
            ),
        )
        if options["json"]:
            self.print_json(asdict(resumed), indent=None if options["follow"] else 2)
        else:
            self._tell_success(resumed, follows=options["follow"])
        if options["follow"]:
            return follow_to_end(self, operation.pk, as_json=options["json"])
        return ExitCode.DONE

    def _tell_success(self, resumed: Resumed, *, follows: bool) -> None:
        origin = position_words(resumed.resumed_from["epoch"], resumed.resumed_from["batch"])
        self.stdout.write(f"Successfully resumed operation: {resumed.operation_id}")
        self.stdout.write(f"Status: {resumed.status.upper()}")
        self.stdout.write(f"Resumed from: {origin}")
        if not follows:
            self.stdout.write(
                f"Follow it with: python manage.py follow_operation {resumed.operation_id}"
            )
