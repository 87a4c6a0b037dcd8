from argparse import ArgumentParser
from typing import Any

from operations import selectors
from operations.errors import InvalidInput
from operations.management.base import ExitCode, KtrdrCommand
from operations.management.following import position
from operations.models import Operation, Status
from operations.reading.as_json import present
from operations.reading.overview import Overview, overviews

SPARE = ("RESUMABLE", "PHASE", "ATTEMPT", "CREATED", "POSITION")
COLUMNS = ("ID", "STATUS", "PHASE", "POSITION", "ATTEMPT", "RESUMABLE", "CREATED", "NAME")


class Command(KtrdrCommand):
    help = "List operations, newest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--status", choices=Status.values)
        parser.add_argument("--resumable", action="store_true", help="Only what can be resumed.")
        parser.add_argument("--limit", type=int, default=50, metavar="N")

    def run(self, options: dict[str, Any]) -> ExitCode:
        if options["limit"] < 1:
            raise InvalidInput(reason="--limit is a whole number, 1 or more.")
        operations = selectors.matching(
            Operation.objects.select_related("owner").defer("request", "pinned", "result"),
            status=options["status"],
            resumable=options["resumable"] or None,
        )
        shown = overviews(operations.order_by("-created_at", "-pk")[: options["limit"]])
        if options["json"]:
            self.print_json([present(overview) for overview in shown])
        else:
            self.print_rows(COLUMNS, [_row(overview) for overview in shown], spare=SPARE)
        return ExitCode.DONE


def _row(overview: Overview) -> tuple[object, ...]:
    operation = overview.operation
    return (
        operation.pk,
        operation.status,
        overview.phase,
        position(overview),
        operation.attempt,
        "yes" if overview.resumable else "no",
        operation.created_at,
        operation.name,
    )
