from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from operations import selectors
from operations.cancel import CancelAnswer, cancel_operation
from operations.management.base import ExitCode, KtrdrCommand
from operations.models import Status
from operations.reading.following import follow
from operations.reading.words import cancel_words, warnings_of


class Command(KtrdrCommand):
    help = "Cancel an operation. Its worker finishes the batch and saves: nothing is lost."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("id", help="The operation's id, or a unique beginning or end of it.")
        parser.add_argument("--reason", default="", help="Kept with the operation.")
        parser.add_argument(
            "--force",
            action="store_true",
            help="Fence off a worker that does not answer; what it had not saved is lost.",
        )
        parser.add_argument("--wait", action="store_true", help="Return when it has ended.")

    def run(self, options: dict[str, Any]) -> ExitCode:
        operation = selectors.find_operation(options["id"])
        answer = cancel_operation(operation.pk, reason=options["reason"], force=options["force"])
        warnings: list[str] = []
        if options["wait"]:
            answer = _wait(operation.pk)
            warnings = warnings_of(selectors.attempts(operation.pk))
        if options["json"]:
            self.print_json({**asdict(answer), **({"warnings": warnings} if warnings else {})})
        else:
            self.stdout.write("\n".join([cancel_words(answer), *warnings]))
        # with --wait it may have completed before its worker saw the intent
        late = options["wait"] and answer.status != Status.CANCELLED
        return ExitCode.CONFLICT if late else ExitCode.DONE


def _wait(operation_id: str) -> CancelAnswer:
    for look in follow(operation_id):
        status = Status(look.now.operation.status)
    return CancelAnswer(operation_id=operation_id, status=status)
