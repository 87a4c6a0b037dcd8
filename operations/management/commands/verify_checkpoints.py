from argparse import ArgumentParser
from typing import Any

from checkpoints.models import Checkpoint
from operations import selectors
from operations.errors import NoCheckpoint
from operations.management.base import ExitCode, KtrdrCommand
from operations.upkeep import checkpoints
from operations.upkeep.checkpoints import Verdict, Verification

COLUMNS = ("OPERATION", "ATTEMPT", "EPOCH", "BATCH", "TYPE", "BYTES", "VERDICT", "REASON")


class Command(KtrdrCommand):
    help = (
        "Read checkpoints back and compare every byte's digest with what was saved. A corrupted "
        "one is quarantined, a whole one is released; exit code 5 if any is corrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "id",
            nargs="?",
            help="Only this operation's; the id or a unique beginning or end of it.",
        )

    def run(self, options: dict[str, Any]) -> ExitCode:
        verified = [checkpoints.verify(checkpoint) for checkpoint in _chosen(options["id"])]
        if options["json"]:
            self.print_json([_as_json(verification) for verification in verified])
        else:
            self.print_rows(COLUMNS, [_row(verification) for verification in verified])
        corrupted = any(found.verdict is Verdict.CORRUPTED for found in verified)
        return ExitCode.FAILED if corrupted else ExitCode.DONE


def _chosen(prefix: str | None) -> list[Checkpoint]:
    if prefix is None:
        return list(Checkpoint.objects.all())
    operation = selectors.find_operation(prefix)
    chosen = list(Checkpoint.objects.filter(operation=operation).newest_first())
    if not chosen:
        raise NoCheckpoint(operation_id=operation.pk)
    return chosen


def _row(verification: Verification) -> tuple[object, ...]:
    checkpoint = verification.checkpoint
    return (
        checkpoint.operation_id,
        checkpoint.attempt,
        checkpoint.epoch,
        checkpoint.batch,
        checkpoint.checkpoint_type,
        checkpoint.size_bytes,
        verification.verdict.value,
        verification.reason,
    )


def _as_json(verification: Verification) -> dict[str, Any]:
    return {
        "id": verification.checkpoint.pk,
        "operation_id": verification.checkpoint.operation_id,
        "verdict": verification.verdict.value,
        "reason": verification.reason,
    }
