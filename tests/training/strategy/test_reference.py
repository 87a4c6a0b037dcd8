"""The reference page and the schema say what the grammar checks."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.training.strategy.documents import VALID, varied
from training.strategy import list_strategies
from training.strategy.library import StrategyFile
from training.strategy.reference import DOCS, documents
from training.strategy.strategy import Strategy

SCHEMA = Strategy.model_json_schema()


@pytest.mark.parametrize("name", documents())
def test_the_committed_file_is_current(name: str) -> None:
    command = "python -m training.strategy.reference"
    assert (DOCS / name).read_text(encoding="utf-8") == documents()[name], f"run {command}"


def test_the_page_names_every_key() -> None:
    page = documents()["STRATEGY_REFERENCE.md"]
    for section in SCHEMA["$defs"].values():
        for key in section["properties"]:
            assert f"`{key}`" in page, f"{section['title']}.{key}"


@pytest.mark.parametrize("file", list_strategies(), ids=lambda file: file.name)
def test_the_schema_accepts_what_the_grammar_accepts(file: StrategyFile) -> None:
    data = yaml.safe_load(Path(file.path).read_text().replace("5e-4", "0.0005"))
    jsonschema.validate(data, SCHEMA)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("indicators", "rsi_14", "perod"), 3),
        (("indicators", "rsi_14", "period"), 1),
        (("training", "learning_rate"), 0),
        (("training", "optimizer"), "adagrad"),
        (("fuzzy_sets", "momentum", "low"), [1, 2]),
    ],
)
def test_the_schema_refuses_what_the_grammar_refuses(place: tuple[str, ...], value: object) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(varied({place: value}), SCHEMA)


def test_the_valid_document_fits_the_schema() -> None:
    jsonschema.validate(VALID, SCHEMA)
