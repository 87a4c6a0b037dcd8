import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from operations.models import Operation, Process, seconds_from_now
from operations.upkeep import presence
from tests.asking.clients import ClientFor
from tests.operations import scenes

pytestmark = pytest.mark.usefixtures("fake_type")


def test_workers_that_are_alive_are_shown_with_what_they_run(api: APIClient) -> None:
    operation = scenes.running()
    presence.beat(Process.Kind.WORKER, "w1", devices=["cpu"], queues=["training"])
    presence.beat(Process.Kind.WORKER, "idle")
    presence.beat(Process.Kind.WORKER, "dead")
    presence.beat(Process.Kind.SWEEPER, "s1")
    Process.objects.filter(name="dead").update(beat_at=seconds_from_now(-3600))
    workers = {row["name"]: row for row in api.get("/api/v1/workers").json()["data"]}
    assert workers.keys() == {"w1", "idle"}
    assert workers["w1"]["operation_id"] == operation.pk
    assert workers["w1"]["details"] == {"devices": ["cpu"], "queues": ["training"]}
    assert workers["idle"]["operation_id"] is None


@pytest.mark.parametrize("taken", [0, 1])
def test_a_worker_whose_horse_died_runs_what_it_took_since(
    api: APIClient, client: Client, staff: User, taken: int
) -> None:
    """The claim of before stands until its lease ends, whichever of the two was started first."""
    waiting = [scenes.pending(), scenes.pending()]
    runs, lost = waiting[taken], waiting[1 - taken]
    scenes.claim(lost)
    scenes.claim(runs)
    Operation.objects.filter(pk=lost.pk).update(claimed_at=seconds_from_now(-9))
    presence.beat(Process.Kind.WORKER, "w1")
    (row,) = api.get("/api/v1/workers").json()["data"]
    assert row["operation_id"] == runs.pk
    client.force_login(staff)
    page = client.get("/workers/").content.decode()
    assert (runs.pk in page, lost.pk in page) == (True, False)


def test_what_a_worker_runs_for_another_is_not_told(client_for: ClientFor, owner: User) -> None:
    mine, theirs = scenes.running(), scenes.pending()
    scenes.claim(theirs, worker="w2")
    Operation.objects.filter(pk=mine.pk).update(owner=owner)
    for name in ("w1", "w2"):
        presence.beat(Process.Kind.WORKER, name)
    rows = client_for(owner).get("/api/v1/workers").json()["data"]
    assert {row["name"]: row["operation_id"] for row in rows} == {"w1": mine.pk, "w2": None}
