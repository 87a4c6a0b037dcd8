"""`/metrics`: what an alert needs, in few queries, for staff alone."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db.models.functions import Now
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from operations import lifecycle
from operations.access import tokens
from operations.access.tokens import Scope
from operations.models import Attempt, EventType, Metric, Operation, Process
from operations.upkeep import presence
from tests.operations import scenes
from tests.running.stack import PROJECT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type")]

Number = Callable[..., float]
LEGEND = re.compile(r"\{\{(\w+)\}\}")


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    cache.clear()


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("staff", is_staff=True))
    return client


def scrape(client: Client) -> dict[tuple[str, ...], float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_an_empty_site_can_be_scraped(staff: Client) -> None:
    numbers = scrape(staff)
    assert numbers["ktrdr_operations", "running"] == 0
    assert numbers["ktrdr_attempts", "lost"] == 0
    assert numbers["ktrdr_lease_age_seconds",] == numbers["ktrdr_waiting_seconds",] == 0


def test_operations_and_attempts_are_counted(staff: Client) -> None:
    for make in (scenes.pending, scenes.running, scenes.failed, scenes.failed):
        make()
    assert lifecycle.interrupt(scenes.running().pk, 1)
    numbers = scrape(staff)
    counted = {name[1]: n for name, n in numbers.items() if name[0] == "ktrdr_operations"}
    assert counted == {"pending": 1, "running": 2, "completed": 0, "failed": 2, "cancelled": 0}
    assert numbers["ktrdr_attempts", "failed"] == 2
    assert numbers["ktrdr_attempts", "interrupted"] == 1


def test_what_waits_is_told_by_queue_and_for_how_long(staff: Client) -> None:
    waiting = [scenes.pending(), scenes.pending()]
    scenes.running()
    Attempt.objects.filter(operation=waiting[0]).update(created_at=Now() - timedelta(seconds=90))
    numbers = scrape(staff)
    assert numbers["ktrdr_waiting_attempts", waiting[0].queue] == 2
    assert 90 <= numbers["ktrdr_waiting_seconds",] < 100


def test_a_silent_worker_is_told_of(staff: Client) -> None:
    silent = scenes.running()
    scenes.running()
    Operation.objects.filter(pk=silent.pk).update(heartbeat_at=Now() - timedelta(seconds=20))
    assert 20 <= scrape(staff)["ktrdr_lease_age_seconds",] < 30


def test_saves_and_epochs_are_measured(staff: Client) -> None:
    operation = scenes.running()
    for seconds in (0.1, 0.2, 0.9):
        with lifecycle.fenced(operation.pk, 1, EventType.CHECKPOINT_SAVED, {"seconds": seconds}):
            pass
    scenes.save(operation, 1)
    for step in range(30):
        Metric.objects.create(operation=operation, attempt=1, step=step, values={})
    numbers = scrape(staff)
    assert numbers["ktrdr_checkpoint_save_seconds", "0.5"] == 0.2
    assert numbers["ktrdr_checkpoint_save_seconds", "1"] == 0.9
    assert numbers["ktrdr_checkpoint_bytes", "periodic"] > 0
    assert numbers["ktrdr_epochs_per_second",] == 0.5


def test_who_is_alive_and_what_did_not_arrive(staff: Client, settings: Settings) -> None:
    presence.beat(Process.Kind.WORKER, "w1")
    settings.KTRDR_WEBHOOK_URL = "http://127.0.0.1:1/"
    scenes.completed()
    numbers = scrape(staff)
    assert (numbers["ktrdr_workers",], numbers["ktrdr_sweepers",]) == (1, 0)
    assert numbers["ktrdr_webhook_messages", "waiting"] == 1


def test_a_scrape_asks_little_and_never_for_whole_tables_again(
    staff: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    scrape(staff)
    with django_assert_max_num_queries(14) as asked:
        scrape(staff)
    statements = " ".join(query["sql"] for query in asked.captured_queries)
    assert "checkpoints_checkpoint" not in statements
    assert "'failed'" not in statements


def test_the_dashboard_for_grafana_shows_what_there_is_and_all_of_it(staff: Client) -> None:
    for make in (scenes.pending, scenes.completed):
        make()
    families = list(text_string_to_metric_families(staff.get("/metrics").content.decode()))
    given = {
        family.name: {
            (label, value) for sample in family.samples for label, value in sample.labels.items()
        }
        for family in families
    }
    panels = json.loads((PROJECT / "docs" / "grafana.json").read_text())["panels"]
    queries = [target["expr"] for panel in panels for target in panel["targets"]]
    assert {name for query in queries for name in re.findall(r"ktrdr_\w+", query)} == given.keys()
    for query in queries:
        for name, label, values in re.findall(r'(ktrdr_\w+)\{(\w+)=~?"([^"]+)"\}', query):
            assert {(label, value) for value in values.split("|")} <= given[name]
        for label, name in re.findall(r"by \((\w+)\) \((ktrdr_\w+)", query):
            assert not given[name] or label in {key for key, _ in given[name]}
    for panel in panels:
        assert panel["title"] and panel["description"]
        legends = {
            key for target in panel["targets"] for key in LEGEND.findall(target["legendFormat"])
        }
        assert legends <= set(re.findall(r"by \((\w+)\)", panel["targets"][0]["expr"]))
    places = [tuple(panel["gridPos"][key] for key in "xywh") for panel in panels]
    assert len({(x, y) for x, y, _, _ in places}) == len(panels)
    assert all(x + w <= 24 for x, _, w, _ in places)
    assert [panel["id"] for panel in panels] == list(range(1, len(panels) + 1))


def test_it_is_for_staff(db: None) -> None:
    user = User.objects.create_user("owner")
    client = Client()
    assert client.get("/metrics").status_code == 401
    client.force_login(user)
    refused = client.get("/metrics")
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    assert refused.json()["code"]


def test_a_token_that_may_read_is_enough(db: None) -> None:
    _, secret = tokens.issue(User.objects.create_user("p", is_staff=True), scope=Scope.READ)
    scraper = Client(
        headers={
            "authorization": f"Bearer {secret}",
            "accept": "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4",
        }
    )
    assert scrape(scraper)
