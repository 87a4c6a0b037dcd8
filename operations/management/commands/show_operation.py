from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from operations import operation_types, selectors
from operations.management.base import ExitCode, KtrdrCommand
from operations.management.following import position
from operations.models import Attempt, Operation
from operations.reading.as_json import present_whole
from operations.reading.overview import Overview, overview
from operations.reading.words import done_words, number, replay_words, status_words, warnings_of

ATTEMPT_COLUMNS = ("ATTEMPT", "WORKER", "DEVICE", "CLAIMED", "ENDED", "OUTCOME", "EXACT", "REPLAY")


class Command(KtrdrCommand):
    help = "Show one operation: where it stands, its attempts, and what can be done."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("id", help="The operation's id, or a unique beginning or end of it.")

    def run(self, options: dict[str, Any]) -> ExitCode:
        operation = selectors.find_operation(options["id"])
        attempts = selectors.attempts(operation.pk)
        shown = overview(operation)
        if options["json"]:
            self.print_json(present_whole(shown, attempts))
            return ExitCode.DONE
        pairs = [*_pairs(shown), *(("warning", words) for words in warnings_of(attempts))]
        pairs += [*operation_types.outcome(operation), *_spreads(operation)]
        self.print_rows(("", ""), [pair for pair in pairs if pair[1]])
        self.stdout.write("")
        self.print_rows(ATTEMPT_COLUMNS, [_row(attempt) for attempt in attempts])
        return ExitCode.DONE


def _pairs(shown: Overview) -> Iterator[tuple[str, object]]:
    operation, checkpoint = shown.operation, shown.latest_checkpoint
    yield "id", operation.pk
    yield "name", operation.name
    yield "status", status_words(operation)
    yield "result", operation_types.headline(operation)
    yield "phase", shown.phase
    yield "position", position(shown)
    yield "tags", ", ".join(shown.known.tags)
    yield "note", operation.note
    yield "owner", operation.owner
    yield "parent", operation.parent_id
    yield "created", operation.created_at
    yield "started", operation.started_at
    yield "completed", operation.completed_at
    yield "worker", operation.worker
    yield "last heartbeat", operation.heartbeat_at
    yield "workers lost", f"{operation.restarts} of {operation.max_restarts} allowed"
    yield "last save failed", shown.progress["save_error"]
    yield "cancel reason", operation.cancel_reason
    yield "error", operation.error_code
    yield "error message", operation.error_message
    yield "what helps", operation_types.remedy(operation)
    yield "resumes after", checkpoint and done_words(checkpoint.epoch, checkpoint.batch)
    yield "can be", ", ".join(shown.allowed_actions)


def _spreads(operation: Operation) -> Iterator[tuple[str, object]]:
    """Mean and deviation over the seeds of its lineage."""
    statistics = operation_types.describe(operation).get("seeds")
    for name, spread in (statistics or {"metrics": {}})["metrics"].items():
        deviation = "" if spread["deviation"] is None else f" ± {number(spread['deviation'])}"
        yield f"{name} of {spread['count']} seeds", f"{number(spread['mean'])}{deviation}"


def _row(attempt: Attempt) -> tuple[object, ...]:
    return (
        attempt.number,
        attempt.worker,
        attempt.device,
        attempt.claimed_at,
        attempt.ended_at,
        attempt.outcome,
        None if attempt.exact is None else "yes" if attempt.exact else "no",
        replay_words(attempt),
    )
