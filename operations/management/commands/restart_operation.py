from argparse import ArgumentParser
from typing import Any

from operations import selectors
from operations.management.base import ExitCode, KtrdrCommand, add_child_user_argument, heir_of
from operations.management.following import follow_to_end
from operations.reading.as_json import present
from operations.reading.overview import overview
from operations.restart import restart_operation


class Command(KtrdrCommand):
    help = "Start a new operation from the start, with the very request of an older one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_child_user_argument(parser)
        parser.add_argument("id", help="The older one's id, or a unique beginning or end of it.")
        parser.add_argument("--follow", action="store_true", help="Then show it until it ends.")

    def run(self, options: dict[str, Any]) -> ExitCode:
        parent = selectors.find_operation(options["id"])
        child = restart_operation(parent.pk, owner=heir_of(options, parent))
        if options["json"]:
            child.refresh_from_db()
            self.print_json(present(overview(child)), indent=None if options["follow"] else 2)
        else:
            self.stdout.write(f"Started operation: {child.pk}")
        if options["follow"]:
            return follow_to_end(self, child.pk, as_json=options["json"])
        return ExitCode.DONE
