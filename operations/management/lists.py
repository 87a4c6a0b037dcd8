"""What the commands that list have in common: times between which, an order, a number of rows."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from operations.errors import InvalidInput
from operations.reading.choosing import CREATED


def add_list_arguments(parser: ArgumentParser, *, made: str, sorts: Sequence[str]) -> None:
    """`made` is what happened to a row at its time; `sorts` are the columns for an order."""
    parser.add_argument("--since", type=_moment, metavar="TIME", help=f"{made} then or later.")
    parser.add_argument("--until", type=_moment, metavar="TIME", help=f"{made} before then.")
    parser.add_argument(
        "--sort",
        choices=sorts,
        default=CREATED,
        help="The newest or the largest first; of a figure, only those that have it.",
    )
    parser.add_argument("--ascending", action="store_true", help="The other way round.")
    parser.add_argument("--limit", type=int, default=50, metavar="N", help="50 by default.")


def ordering(options: dict[str, Any]) -> str:
    """As an address says it."""
    return f"{'' if options['ascending'] else '-'}{options['sort']}"


def limit(options: dict[str, Any]) -> int:
    """Raises `InvalidInput`."""
    if options["limit"] < 1:
        raise InvalidInput(reason="--limit is a whole number, 1 or more.")
    return int(options["limit"])


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"{text} is no time: write 2026-11-28, or 2026-11-28T12:00:00Z"
        raise ArgumentTypeError(message) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
