"""Our commands, run as `manage.py` runs them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command


@dataclass(frozen=True, kw_only=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Manage = Callable[..., Outcome]


@pytest.fixture
def manage(db: None) -> Manage:
    """Runs one of our commands as `manage.py` does, in this process and on this transaction."""

    def run(command: str, *arguments: str) -> Outcome:
        out, err = StringIO(), StringIO()
        try:
            call_command(command, *arguments, stdout=out, stderr=err)
            code = 0
        except SystemExit as end:
            assert isinstance(end.code, int)
            code = end.code
        return Outcome(code=code, out=out.getvalue(), err=err.getvalue())

    return run
