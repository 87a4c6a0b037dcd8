import sys
from dataclasses import asdict
from textwrap import wrap
from typing import Any

from ktrdr_site.doctor import Finding, State, examine
from operations.management.base import ExitCode, KtrdrCommand

INDENT = 21
"""Of what is told of a part."""


class Command(KtrdrCommand):
    help = (
        "Look at the parts of a site: database, migrations, Redis, workers, storage, disk, "
        "compiler, versions and settings; and say what helps. Exit code 1 if any is broken."
    )

    def run(self, options: dict[str, Any]) -> ExitCode:
        found: list[Finding] = []
        for finding in examine():
            found.append(finding)
            if not options["json"]:
                self._tell(finding)
        if options["json"]:
            self.print_json([asdict(finding) for finding in found])
        is_broken = any(finding.state is State.BROKEN for finding in found)
        return ExitCode.UNEXPECTED if is_broken else ExitCode.DONE

    def _tell(self, finding: Finding) -> None:
        width = self.console().width if self.stdout.isatty() else sys.maxsize
        told = wrap(finding.found, width - INDENT) + wrap(finding.remedy, width - INDENT)
        begin = f"{finding.state:9}{finding.part:12}"
        self.stdout.write(begin + f"\n{'':{INDENT}}".join(told))
        self.stdout.flush()
