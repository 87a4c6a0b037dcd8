"""`ktrdr`: every command of ours by a word, and nothing of Django's."""

import json
import subprocess
from pathlib import Path

import pytest

from ktrdr_site.command import front
from ktrdr_site.command.screen import WIDTH, screen
from ktrdr_site.command.words import NOT_HERE, WORDS
from tests.documentation import sources
from tests.documentation.reference import own
from tests.running.stack import PROJECT


def test_every_command_has_one_word_or_a_reason_to_have_none() -> None:
    named = [*(word.command for word in WORDS.values()), *NOT_HERE]
    assert sorted(named) == sorted(sources.commands())
    assert all(NOT_HERE.values())


def test_the_help_is_one_screen_and_names_every_word() -> None:
    lines = screen().splitlines()
    assert len(lines) < 24
    assert max(map(len, lines)) <= 80
    columns = [line[begin:] for line in lines for begin in (0, WIDTH)]
    for first, *second in (typed.split() for typed in WORDS):
        [line] = [line for line in columns if line.startswith(f"  {first} ")]
        assert all(word in line for word in second)


@pytest.mark.parametrize("typed", WORDS)
def test_a_word_takes_what_its_command_takes_and_nothing_of_django(typed: str) -> None:
    ours = sources.commands()[WORDS[typed].command]
    parser = front.command_of(WORDS[typed]).create_parser("ktrdr", typed)
    taken = [(action.option_strings, action.dest) for action in parser._actions]
    assert taken == [
        (["-h", "--help"], "help"),
        *((it.option_strings, it.dest) for it in own(ours)),
    ]
    assert parser.get_default("settings") is None
    assert parser.get_default("verbosity") == 1
    assert parser.prog == f"ktrdr {typed}"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("folow", "did you mean follow?"),
        ("start_training", "`manage.py start_training` is `ktrdr start`"),
        ("rqworker", "none of ktrdr's: a service"),
        ("prune", "prune checkpoints"),
        ("data inport", "data import"),
        ("zzzzzz", "`ktrdr` lists what there is"),
    ],
)
def test_a_wrong_word_is_told_the_nearest(
    typed: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        front.main(typed.split())
    assert end.value.code == 2
    assert told in capsys.readouterr().err


def test_from_anywhere_by_a_link_it_answers_as_the_command_does(tmp_path: Path) -> None:
    link = tmp_path / "ktrdr"
    link.symlink_to(PROJECT / "ktrdr")
    (tmp_path / "mine.yaml").write_text("name: mine\n")
    checked = ktrdr(link, "check", "mine.yaml", "--json")
    assert checked.returncode == 2
    assert json.loads(checked.stdout)[0]["file"] == "mine.yaml"
    refused = ktrdr(link, "check", "mine.yaml", "--traceback")
    assert refused.returncode == 2
    assert "ktrdr check: error: unrecognized arguments: --traceback" in refused.stderr
    assert ktrdr(link).stdout == screen() + "\n"


def ktrdr(path: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [str(path), *arguments]
    return subprocess.run(command, cwd=path.parent, capture_output=True, text=True)
