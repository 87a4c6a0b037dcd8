from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings

from checkpoints.models import Checkpoint
from operations.errors import InvalidInput
from operations.management.base import ExitCode, KtrdrCommand
from operations.upkeep.checkpoints import CleanUp, clean_up


class Command(KtrdrCommand):
    help = (
        "Delete old checkpoints of stopped operations, and files that interrupted saves left. "
        "Each operation keeps its newest checkpoint that verifies; live ones are not touched."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--older-than-days",
            type=float,
            default=settings.KTRDR_CHECKPOINT_MAX_AGE_DAYS,
            metavar="N",
            help="Default: KTRDR_CHECKPOINT_MAX_AGE_DAYS.",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Only say what would be deleted."
        )

    def run(self, options: dict[str, Any]) -> ExitCode:
        max_age = _days(options["older_than_days"])
        cleaned = clean_up(max_age=max_age, dry_run=options["dry_run"])
        if options["json"]:
            self.print_json({"dry_run": options["dry_run"], **_as_json(cleaned)})
        else:
            self.stdout.write(_words(cleaned, "Would delete" if options["dry_run"] else "Deleted"))
        return ExitCode.DONE


def _days(days: float) -> timedelta:
    if not 0 <= days <= 36_500:
        raise InvalidInput(reason="--older-than-days is a number from 0 to 36500.")
    return timedelta(days=days)


def _words(cleaned: CleanUp, deleted: str) -> str:
    lines = [f"{deleted}: {checkpoint}" for checkpoint in cleaned.pruned]
    lines += [f"{deleted}: {orphan}, which belongs to no checkpoint" for orphan in cleaned.orphans]
    num_bytes = sum(checkpoint.size_bytes for checkpoint in cleaned.pruned)
    total = f"{deleted} {len(cleaned.pruned)} checkpoints ({num_bytes} bytes)"
    return "\n".join([*lines, f"{total} and {len(cleaned.orphans)} leftover directories."])


def _as_json(cleaned: CleanUp) -> dict[str, Any]:
    return {
        "pruned": [_described(checkpoint) for checkpoint in cleaned.pruned],
        "orphans": cleaned.orphans,
    }


def _described(checkpoint: Checkpoint) -> dict[str, Any]:
    return {
        "id": checkpoint.pk,
        "operation_id": checkpoint.operation_id,
        "checkpoint_type": checkpoint.checkpoint_type,
        "attempt": checkpoint.attempt,
        "epoch": checkpoint.epoch,
        "batch": checkpoint.batch,
        "size_bytes": checkpoint.size_bytes,
    }
