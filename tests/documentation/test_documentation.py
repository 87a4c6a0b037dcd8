"""What README and docs/ name exists, and what exists is named there."""

import re
from dataclasses import fields
from enum import Enum
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from checkpoints.models import CheckpointType
from ktrdr_site.command.completion import ARGUMENTS
from ktrdr_site.command.words import WORDS, group
from ktrdr_site.doorway import probe
from ktrdr_site.variables import VARIABLES
from operations.models import EventType, Outcome, Status
from tests.documentation import data, evaluation, sources, transitions
from tests.documentation.arguments import arguments
from tests.documentation.reference import REFERENCE, reference
from tests.documentation.settings_page import SETTINGS, settings_page
from tests.running.stack import PROJECT
from training.evaluation import definitions
from training.evaluation.evaluation import FILES, Evaluation
from training.trained.notes import NoteCode
from training.views import metrics

PAGES = [
    *(PROJECT / name for name in ("README.md", "CONTRIBUTING.md")),
    *sorted((PROJECT / "docs").glob("*.md")),
]
README = (PROJECT / "README.md").read_text()
CODE = re.compile(
    r"`((?:ktrdr_site|operations|checkpoints|training|tests)/[\w/]*(?:\.py|/))(?::(\w+))?`"
)
"""A file or folder of ours, and a name in it."""
WORD = re.compile(r"(?:`|^\$ |\./)ktrdr ([a-z][a-z-]*(?: [a-z]+\b)?)([^`\n|]*)", re.MULTILINE)
"""What is typed after `ktrdr`, and the rest of it."""
PROSE = "\n".join(page.read_text() for page in PAGES)
MESSAGES = "\n".join(" ".join((kind.__doc__ or "").split()) for kind in sources.domain_errors())


def test_the_reference_is_what_the_code_says() -> None:
    assert REFERENCE.read_text() == reference(), "stale: run `make reference` and commit it"


def test_tab_knows_what_the_commands_take() -> None:
    assert ARGUMENTS.read_text() == arguments(), "stale: run `make reference` and commit it"


def test_the_page_about_market_data_is_what_the_code_says() -> None:
    page = data.PAGE.read_text()
    assert page == data.written_into(page), "stale: run `make reference` and commit it"


def test_the_tables_of_the_evaluation_are_what_the_code_says() -> None:
    page = (PROJECT / "docs" / "EVALUATION.md").read_text()
    for table in evaluation.tables():
        assert table in page, f"stale: docs/EVALUATION.md has to have\n\n{table}"


def test_every_metric_that_pages_name_is_defined_and_no_other() -> None:
    shown = {*metrics.known(), *definitions.OF_A_CLASS}
    assert shown == set(definitions.metric_names())
    assert set(metrics.COLUMN_WORDS) == set(definitions.BESIDE)


def test_every_field_of_an_evaluation_is_defined_and_no_other() -> None:
    told = {field.name for field in fields(Evaluation)} - {*FILES}
    assert set(definitions.FIELDS) == {*told, "times_scored", "seen_test"}


def test_every_setting_is_described_once_and_there_is_no_other() -> None:
    named = [name for variable in VARIABLES for name in variable.names.split()]
    assert sorted(named) == sorted(sources.environment_variables()), "see ktrdr_site/variables.py"


def test_the_settings_are_what_the_code_says() -> None:
    assert SETTINGS.read_text() == settings_page(), "stale: run `make reference` and commit it"
    assert len(re.findall(r"^\| `\w+` \| [0-9.]+ \|", settings_page(), re.MULTILINE)) >= 10


def test_no_page_names_a_setting_that_there_is_not() -> None:
    named = set(re.findall(r"\bKTRDR_[A-Z0-9_]+\b", PROSE))
    assert named <= set(sources.environment_variables())


@pytest.mark.parametrize("text", [PROSE, MESSAGES], ids=["pages", "messages"])
def test_every_command_that_is_named_exists_with_its_options(text: str) -> None:
    ours = sources.commands()
    for name, rest in re.findall(r"manage\.py ([a-z]\w+)([^`\n|]*)", text):
        assert name in get_commands(), name
        if parser := ours.get(name):
            options = set(re.findall(r"(?<!\S)(--[a-z-]+)", rest))
            assert options <= set(parser._option_string_actions), (name, options)


@pytest.mark.parametrize("text", [PROSE, MESSAGES], ids=["pages", "messages"])
def test_every_word_of_ktrdr_that_is_named_exists_with_its_options(text: str) -> None:
    ours = sources.commands()
    for typed, rest in WORD.findall(text):
        word = WORDS.get(typed) or WORDS.get(typed.split()[0])
        assert word or group(typed.split()[0]), typed
        if word:
            options = set(re.findall(r"(?<!\S)(--[a-z-]+)", rest))
            assert options <= set(ours[word.command]._option_string_actions), (typed, options)


def test_every_word_of_ktrdr_is_named_in_the_readme() -> None:
    named = {typed for typed, _ in WORD.findall(README)}
    assert {word.split()[0] for word in WORDS} <= {typed.split()[0] for typed in named}


def test_every_address_that_is_named_exists() -> None:
    addresses = set(re.findall(r"(/(?:api/v1|admin|healthz|metrics)\b[\w/.{}-]*)", PROSE))
    assert len(addresses) >= 5
    for address in addresses - {"/api/v1/", probe.PATH}:  # a prefix, and what is no view
        try:
            resolve(re.sub(r"{\w+}", "1", address))
        except Resolver404:
            pytest.fail(f"{address} is named and does not exist")


def test_every_make_target_that_is_named_exists_and_is_helped() -> None:
    named = set(re.findall(r"`make ([a-z]+)", PROSE))
    assert named <= sources.make_targets()


def test_every_link_between_the_pages_leads_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), (page.name, target)


def test_every_page_is_reached_from_the_readme() -> None:
    unreached = [page.name for page in PAGES if page.name not in README]
    assert unreached == []


@pytest.mark.parametrize("enum", [Status, Outcome, CheckpointType, EventType, NoteCode])
def test_every_word_of_the_api_is_explained(enum: type[Enum]) -> None:
    told = sources.members(enum)
    assert set(told) == {member.value for member in enum}
    assert all(told.values())


def test_the_state_machine_is_what_the_code_says() -> None:
    page = (PROJECT / "docs" / "ARCHITECTURE.md").read_text()
    assert page == transitions.written_into(page), "stale: run `make reference` and commit it"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_place_in_the_code_that_is_named_exists(page: Path) -> None:
    for path, name in CODE.findall(page.read_text()):
        place = PROJECT / path
        assert place.exists() or any(PROJECT.glob(f"*/{path}")), (page.name, path)
        if name:
            assert re.search(rf"^(?:class|def) {name}\b", place.read_text(), re.M), (path, name)


def test_the_pages_are_read() -> None:
    assert Path(REFERENCE) in PAGES
