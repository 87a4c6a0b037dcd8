"""The head of every table of test metrics leads to what the numbers are: one text everywhere."""

import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from tests.training.views import scenes
from training.evaluation import definitions
from training.views.documents import rendered


def read(browser: Client, address: str, **query: Any) -> str:
    answer = browser.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


def schema(name: str) -> dict[str, Any]:
    described = json.loads(settings.API_DESCRIPTION.read_text())["components"]["schemas"]
    found: dict[str, Any] = described[name]["properties"]
    return found


@pytest.fixture
def pages(browser: Client, owner: User) -> dict[str, str]:
    """The model's, the list's, and that of a comparison."""
    operations = [scenes.started(owner, seed=seed) for seed in (1, 2)]
    models = [scenes.stored_model(operation) for operation in operations]
    return {
        "model": read(browser, f"/models/{models[0].pk}/"),
        "models": read(browser, "/models/"),
        "compare": read(browser, "/compare/", ids=[operation.pk for operation in operations]),
    }


def test_every_head_of_a_table_of_metrics_leads_to_a_definition_that_is_there(
    browser: Client, pages: dict[str, str]
) -> None:
    there = set(re.findall(r'id="([\w-]+)"', read(browser, "/evaluation/")))
    for name, page in pages.items():
        led = re.findall(r'href="/evaluation/#([\w-]+)"', page)
        assert len(led) >= 5, name
        assert set(led) <= there, name
        for table in re.findall(r"<thead>.*?Metric.*?</thead>", page, re.DOTALL):
            assert "/evaluation/#" in table


def test_the_page_has_every_definition_word_for_word(browser: Client) -> None:
    page = read(browser, "/evaluation/").replace("&#x27;", "'").replace("&gt;", ">")
    for name in definitions.metric_names():
        told = definitions.definition_of(name)
        assert told is not None
        assert f'<tr id="{name}">' in page
        assert told.text in re.sub(r"</?code>", "`", page), name


def test_the_api_describes_every_metric_in_the_same_words() -> None:
    described = schema("Metrics")
    for name in definitions.metric_names():
        full = f"{name}_buy" if name in definitions.OF_A_CLASS else name
        assert described[full]["description"] == str(definitions.definition_of(name))
    fields = schema("Evaluation")
    for name, told in definitions.FIELDS.items():
        assert fields[name]["description"] == str(told)


def test_a_label_shows_its_definition_to_who_points_at_it(pages: dict[str, str]) -> None:
    assert str(definitions.definition_of("net_return")) in pages["models"]


def test_no_id_is_there_twice_and_every_text_is_escaped() -> None:
    title, content = rendered(settings.EVALUATION_DOCUMENT)
    ids = re.findall(r' id="([^"]+)"', content)
    assert len(ids) == len(set(ids))
    assert title == "How a test part is scored"
    assert "**" not in content
    assert not re.search(r"`|\n\| ", content)
