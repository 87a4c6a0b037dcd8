from argparse import ArgumentParser
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from operations.errors import InvalidInput
from operations.management.base import ExitCode, KtrdrCommand
from operations.upkeep.histories import PrunedHistory, prune

LONGEST_DAYS = 36_500


class Command(KtrdrCommand):
    help = (
        "Delete the events, metrics and logs of operations that ended long ago. The operations, "
        "their attempts, checkpoints and models stay; live ones are not touched."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--older-than-days", type=float, required=True, metavar="N")
        parser.add_argument(
            "--dry-run", action="store_true", help="Only say what would be deleted."
        )

    def run(self, options: dict[str, Any]) -> ExitCode:
        days, dry_run = options["older_than_days"], options["dry_run"]
        if not 0 <= days <= LONGEST_DAYS:
            raise InvalidInput(reason=f"--older-than-days is a number from 0 to {LONGEST_DAYS}.")
        pruned = prune(older_than=timedelta(days=days), dry_run=dry_run)
        if options["json"]:
            self.print_json({"dry_run": dry_run, "pruned": [asdict(history) for history in pruned]})
        else:
            self.stdout.write(_words(pruned, "Would delete" if dry_run else "Deleted"))
        return ExitCode.DONE


def _words(pruned: list[PrunedHistory], deleted: str) -> str:
    lines = [
        f"{deleted}: {history.num_events} events, {history.num_metrics} metrics and "
        f"{history.num_logs} logs of {history.operation_id}"
        for history in pruned
    ]
    return "\n".join([*lines, f"{deleted} the histories of {len(pruned)} operations."])
