from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings

from operations import operation_types, selectors
from operations.management.base import ExitCode, KtrdrCommand
from operations.management.following import follow_to_end
from operations.reading.words import FROM_ROWS, position_words
from operations.resume import Resumed, resume_operation
from operations.resume_options import ResumeOption


class Command(KtrdrCommand):
    help = "Let a cancelled or failed operation go on from its newest checkpoint that verifies."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("id", help="The operation's id, or a unique beginning or end of it.")
        self.resume_options = operation_types.all_resume_options()
        for option in self.resume_options:
            _add_argument(parser, option)
        parser.add_argument("--follow", action="store_true", help="Then show it until it ends.")

    def run(self, options: dict[str, Any]) -> ExitCode:
        operation = selectors.find_operation(options["id"])
        chosen = {option.name: options[option.name] for option in self.resume_options}
        resumed = resume_operation(operation.pk, **chosen)
        note = operation_types.out_note(operation)
        if options["json"]:
            self.print_json(asdict(resumed), indent=None if options["follow"] else 2)
        else:
            self._tell_success(resumed, note, follows=options["follow"])
        if options["follow"]:
            return follow_to_end(self, operation.pk, as_json=options["json"])
        return ExitCode.DONE

    def _tell_success(self, resumed: Resumed, note: str, *, follows: bool) -> None:
        at = resumed.resumed_from
        origin = position_words(at["epoch"], at["batch"]) if at else FROM_ROWS
        self.stdout.write(f"Successfully resumed operation: {resumed.operation_id}")
        self.stdout.write(f"Status: {resumed.status.upper()}")
        self.stdout.write(f"Resumed from: {origin}")
        if note:
            self.stdout.write(note)
        if not follows:
            self.stdout.write(f"Follow it with: {settings.FOLLOW} {resumed.operation_id}")


def _add_argument(parser: ArgumentParser, option: ResumeOption) -> None:
    flag = f"--{option.name.replace('_', '-')}"
    if option.choices:
        parser.add_argument(flag, choices=option.choices, help=option.help or None)
    else:
        parser.add_argument(flag, action="store_true", help=option.help or None)
