from argparse import ArgumentParser
from typing import Any

from operations import operation_types
from operations.management.base import ExitCode, KtrdrCommand
from operations.management.following import position
from operations.management.lists import add_list_arguments, limit, ordering
from operations.models import Status
from operations.reading import choosing
from operations.reading.as_json import present
from operations.reading.choosing import CREATED, DURATION, Choice
from operations.reading.overview import Overview, overviews
from operations.reading.words import NOTHING, duration, status_words

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
        sorts = (CREATED, DURATION, *operation_types.figures())
        add_list_arguments(parser, made="Created", sorts=sorts)

    def run(self, options: dict[str, Any]) -> ExitCode:
        choice = _choice(options)
        page = choosing.page(None, choice, page_size=limit(options))
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
    return choosing.choice_of({**given, "ordering": ordering(options)})


def _row(overview: Overview, column: str) -> tuple[object, ...]:
    operation = overview.operation
    return (
        operation.pk,
        status_words(operation),
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
