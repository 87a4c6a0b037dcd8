from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from operations import operation_types
from operations.errors import InvalidInput
from operations.management.base import ExitCode, KtrdrCommand
from operations.management.following import position
from operations.models import Status
from operations.reading import choosing
from operations.reading.as_json import present
from operations.reading.choosing import CREATED, DURATION, Choice
from operations.reading.overview import Overview, overviews
from operations.reading.words import NOTHING, duration

SPARE = ("RESUMABLE", "PHASE", "ATTEMPT", "CREATED", "POSITION")
FIRST, REST = (
    ("ID", "STATUS"),
    ("PHASE", "POSITION", "ATTEMPT", "RESUMABLE", "CREATED", "NAME"),
)
FILTERS = ("status", "resumable", "owner", "tag", "lineage", "since", "until")


class Command(KtrdrCommand):
    help = "List operations: newest first, or by how long they took, or by what came of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--status", choices=Status.values)
        parser.add_argument("--resumable", action="store_true", help="Only what can be resumed.")
        parser.add_argument("--owner", metavar="USER")
        parser.add_argument("--tag", help="Among those that it has.")
        parser.add_argument("--lineage", metavar="ID", help="Whose all come from this operation.")
        for name, kind in operation_types.label_kinds().items():
            parser.add_argument(f"--{name}", help=kind.about)
        parser.add_argument("--since", type=_moment, metavar="TIME", help="Created then or later.")
        parser.add_argument("--until", type=_moment, metavar="TIME", help="Created before then.")
        parser.add_argument(
            "--sort",
            choices=(CREATED, DURATION, *operation_types.figures()),
            default=CREATED,
            help="The newest or the largest first; of a figure, only those that have it.",
        )
        parser.add_argument("--ascending", action="store_true", help="The other way round.")
        parser.add_argument("--limit", type=int, default=50, metavar="N")

    def run(self, options: dict[str, Any]) -> ExitCode:
        if options["limit"] < 1:
            raise InvalidInput(reason="--limit is a whole number, 1 or more.")
        choice = _choice(options)
        page = choosing.page(None, choice, page_size=options["limit"])
        shown = overviews(page.rows)
        if options["json"]:
            self.print_json([present(overview) for overview in shown])
            return ExitCode.DONE
        sorted_by = () if choice.column == CREATED else (choice.column.upper(),)
        rows = [_row(overview, choice.column) for overview in shown]
        self.print_rows((*FIRST, *sorted_by, *REST), rows, spare=SPARE)
        return ExitCode.DONE


def _choice(options: dict[str, Any]) -> Choice:
    given = {name: options[name] for name in (*FILTERS, *operation_types.label_kinds())}
    given["resumable"] = options["resumable"] or None
    sign = "" if options["ascending"] else "-"
    return choosing.choice_of({**given, "ordering": f"{sign}{options['sort']}"})


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"{text} is no time: write 2026-11-28, or 2026-11-28T12:00:00Z"
        raise ArgumentTypeError(message) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _row(overview: Overview, column: str) -> tuple[object, ...]:
    operation = overview.operation
    return (
        operation.pk,
        operation.status,
        *_sorted_by(overview, column),
        overview.phase,
        position(overview),
        operation.attempt,
        "yes" if overview.resumable else "no",
        operation.created_at,
        operation.name,
    )


def _sorted_by(overview: Overview, column: str) -> tuple[str, ...]:
    """The cell of what the list is sorted by, beside the time of its creation."""
    if column == CREATED:
        return ()
    if column == DURATION:
        return (duration(overview.operation.seconds),)
    told = overview.known.figures
    words = operation_types.figures()[column].words
    return (words(told) if column in told else NOTHING,)
