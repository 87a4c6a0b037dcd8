"""`manage.py compile` says what it compiles, and why it could not."""

import json

import pytest
from django.core.management import call_command

from training.trainer.engines import kernel


def test_it_names_each_part_and_how_long_it_took(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("compile")
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(" …")[0] for line in lines] == [
        "Compiling the loops over rows",
        "Compiling the training kernel",
    ]
    assert all(line.endswith(" s") for line in lines)


def test_a_machine_without_a_compiler_is_told_why(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "unavailable", lambda: "RuntimeError: no compiler")
    call_command("compile", json=True)
    answer = json.loads(capsys.readouterr().out)
    assert answer["the training kernel"]["problem"] == "RuntimeError: no compiler"
    assert answer["the loops over rows"]["problem"] is None
