"""Run a command as `manage.py` does, in this process."""

import json
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.core.management import call_command


@dataclass(frozen=True, kw_only=True)
class Answer:
    code: object
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(command: str, *arguments: str) -> Answer:
    out, err = StringIO(), StringIO()
    code: object = 0
    try:
        call_command(command, *arguments, stdout=out, stderr=err)
    except SystemExit as end:
        code = end.code
    return Answer(code=code, out=out.getvalue(), err=err.getvalue())
