"""What `extend_operation` and `fork_operation` tell."""

from django.conf import settings

from operations.management.base import ExitCode, KtrdrCommand
from training.launch.branching import Branch


class BranchCommand(KtrdrCommand):
    """A command that starts a new operation from the state of another."""

    def tell(self, branch: Branch, *, as_json: bool) -> ExitCode:
        """The new operation, and what it takes over."""
        operation, table = branch.operation, branch.plan.table()
        if as_json:
            answer = {"operation_id": operation.pk, "parent": operation.parent_id}
            self.print_json({**answer, "carried": table})
            return ExitCode.DONE
        self.stdout.write(f"Started operation: {operation.pk}")
        self.print_rows(("Part", "Fate"), [(row["part"], row["fate"]) for row in table])
        self.stdout.write("When it completes, it is scored on its test part: one more look.")
        self.stdout.write(f"Follow it with: {settings.FOLLOW} {operation.pk}")
        return ExitCode.DONE
