"""Web processes, commands and the sweeper never load torch: 200 MB and 1 s they do not need."""

import subprocess
import sys

import pytest

from tests.running.stack import PROJECT

IMPORT_THE_URLS = "from django.urls import get_resolver; get_resolver().url_patterns"
IMPORT_EVERY_COMMAND = """
from django.core.management import get_commands, load_command_class
for name, app in get_commands().items():
    load_command_class(app, name)
"""


def loads_torch(code: str) -> bool:
    script = f"import django, sys; django.setup()\n{code}\nprint('torch' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.split()[-1] == "True"


@pytest.mark.parametrize("code", [IMPORT_THE_URLS, IMPORT_EVERY_COMMAND], ids=["urls", "commands"])
def test_torch_is_not_loaded_by(code: str) -> None:
    assert not loads_torch(code)


def test_the_worker_loads_torch_before_it_forks() -> None:
    assert loads_torch("import training.pipeline")
