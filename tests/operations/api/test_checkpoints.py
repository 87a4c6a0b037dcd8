"""Checkpoints over the API: listed by age, read back, downloaded, deleted, cleaned up."""

import base64
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.http import StreamingHttpResponse
from rest_framework.test import APIClient

from checkpoints import files, store
from checkpoints.models import Checkpoint
from operations import lifecycle
from operations.api import downloads
from operations.api.downloads import BrokenOff, VerifiedChunks
from operations.models import Operation
from tests.asking.clients import ClientFor
from tests.asking.downloads import received
from tests.checkpoints.scenes import age
from tests.operations import scenes

pytestmark = pytest.mark.usefixtures("fake_type", "redis_down")

ALL = "/api/v1/checkpoints"


def data(api: APIClient, path: str) -> Any:
    answer = api.get(path)
    assert answer.status_code == 200, answer.json()
    return answer.json()["data"]


def saved(content: bytes) -> Checkpoint:
    """Of a stopped operation; `model.pt` is this content."""
    operation = scenes.running()
    files = {"model.pt": content, "optimizer.pt": b"moments"}
    checkpoint = scenes.save(operation, 0, artifacts=files)
    assert lifecycle.fail(operation.pk, 1, scenes.BROKEN)
    return checkpoint


def file_of(checkpoint: Checkpoint, name: str = "model.pt") -> Path:
    return Path(checkpoint.artifacts.get(name=name).file.path)


def test_all_checkpoints_come_in_pages_newest_first_and_by_age(api: APIClient) -> None:
    first, second = scenes.cancelled(1, 2), scenes.failed(3)
    of_first = [row.pk for row in store.candidates(first.pk)]
    newest = scenes.newest(second).pk
    page = api.get(f"{ALL}?page_size=2").json()
    rest = api.get(page["next"]).json()
    assert [row["id"] for row in page["data"] + rest["data"]] == [newest, *of_first]
    assert page["data"][0]["operation_id"] == second.pk
    assert {artifact["name"] for artifact in page["data"][0]["artifacts"]} == {
        "model.pt",
        "optimizer.pt",
    }
    assert rest["next"] is None

    age(Checkpoint.objects.get(pk=newest), days=10)
    assert [row["id"] for row in data(api, f"{ALL}?older_than_days=9")] == [newest]
    assert data(api, f"{ALL}?older_than_days=11") == []


def test_a_cursor_of_another_list_is_refused(api: APIClient) -> None:
    """One of a list whose ids are words would break one whose ids are numbers."""
    for _ in range(2):
        scenes.pending()
    operations = api.get("/api/v1/operations?page_size=1").json()["next"]
    answer = api.get(f"{ALL}?{operations.partition('?')[2]}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_everyone_sees_the_checkpoints_of_their_own_operations(
    owner: User, stranger: User, client_for: ClientFor
) -> None:
    checkpoint = scenes.newest(scenes.cancelled(1))
    Operation.objects.update(owner=owner)
    assert [row["id"] for row in data(client_for(owner), ALL)] == [checkpoint.pk]
    assert data(client_for(stranger), ALL) == []


@pytest.mark.parametrize("query", ["older_than_days=-1", "older_than_days=nan", "page_size=0"])
def test_a_bad_filter_is_400(api: APIClient, query: str) -> None:
    answer = api.get(f"{ALL}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_verification_finds_whole_and_spoiled_alike_without_an_error(api: APIClient) -> None:
    checkpoint = scenes.newest(scenes.cancelled(1))
    one = f"{ALL}/{checkpoint.pk}"
    found = api.post(f"{one}/verify").json()["data"]
    assert (found["verdict"], found["reason"]) == ("whole", "")
    assert data(api, one)["verified_at"] is not None

    scenes.spoil(checkpoint)
    found = api.post(f"{one}/verify").json()["data"]
    assert found["verdict"] == "corrupted"
    assert "model.pt" in found["reason"]
    assert data(api, one)["quarantine_reason"] == found["reason"]


def test_a_verification_under_a_key_is_answered_again_without_a_second_look(
    api: APIClient,
) -> None:
    checkpoint = scenes.newest(scenes.cancelled(1))
    path, key = f"{ALL}/{checkpoint.pk}/verify", {"idempotency-key": "k1"}
    first = api.post(path, headers=key)
    scenes.spoil(checkpoint)
    again = api.post(path, headers=key)
    assert again["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()


def test_the_last_checkpoint_of_a_resumable_operation_goes_only_by_force(api: APIClient) -> None:
    operation = scenes.cancelled(1, 2)
    newer, older = store.candidates(operation.pk)
    assert api.delete(f"{ALL}/{older.pk}").json()["data"] == {
        "id": older.pk,
        "operation_id": operation.pk,
    }
    answer = api.delete(f"{ALL}/{newer.pk}")
    assert (answer.status_code, answer.json()["code"]) == (409, "checkpoint_in_use")
    assert "nothing left to resume from" in answer.json()["detail"]
    assert api.delete(f"{ALL}/{newer.pk}?force=true").status_code == 200
    assert api.delete(f"{ALL}/{newer.pk}").status_code == 404


def test_a_checkpoint_of_a_live_operation_is_never_deleted(api: APIClient) -> None:
    operation = scenes.running()
    checkpoint = scenes.save(operation, 1)
    answer = api.delete(f"{ALL}/{checkpoint.pk}?force=true")
    assert (answer.status_code, answer.json()["code"]) == (409, "checkpoint_in_use")
    assert Checkpoint.objects.filter(pk=checkpoint.pk).exists()


def test_an_artifact_is_downloaded_with_its_size_name_and_digest(api: APIClient) -> None:
    content = bytes(range(256)) * 4096  # several chunks
    checkpoint = saved(content)
    answer = api.get(f"{ALL}/{checkpoint.pk}/artifacts/model.pt")
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert answer.status_code == 200
    assert answer["Content-Length"] == str(len(content))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="model.pt"'
    assert answer["Repr-Digest"] == f"sha-256=:{digest}:"
    assert received(answer) == content


def test_a_client_may_accept_the_file_alone_and_still_reads_a_problem(api: APIClient) -> None:
    checkpoint = saved(b"weights")
    accept = {"accept": "application/octet-stream"}
    path = f"{ALL}/{checkpoint.pk}/artifacts"
    assert received(api.get(f"{path}/model.pt", headers=accept)) == b"weights"
    answer = api.get(f"{path}/scheduler.pt", headers=accept)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["detail"].endswith("it has model.pt, optimizer.pt.")


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_text("")])
def test_an_artifact_that_lacks_bytes_is_422_and_its_checkpoint_is_quarantined(
    damage: Callable[[Path], None], api: APIClient
) -> None:
    checkpoint = saved(b"weights")
    damage(file_of(checkpoint))
    answer = api.get(f"{ALL}/{checkpoint.pk}/artifacts/model.pt")
    assert (answer.status_code, answer.json()["code"]) == (422, "checkpoint_corrupted")
    checkpoint.refresh_from_db()
    assert checkpoint.quarantined_at is not None
    other = api.get(f"{ALL}/{checkpoint.pk}/artifacts/optimizer.pt")
    assert received(other) == b"moments"


def test_a_download_of_other_bytes_is_broken_off_before_its_end(api: APIClient) -> None:
    checkpoint = saved(b"a" * 3 * downloads.CHUNK_BYTES)
    file_of(checkpoint).write_bytes(b"a" * (3 * downloads.CHUNK_BYTES - 1) + b"b")
    answer = api.get(f"{ALL}/{checkpoint.pk}/artifacts/model.pt")
    with pytest.raises(BrokenOff):
        received(answer)


def test_a_storage_that_does_not_answer_is_503_and_quarantines_nothing(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = saved(b"weights")
    monkeypatch.setenv("KTRDR_FAILPOINTS", "checkpoint.read=EIO")
    answer = api.get(f"{ALL}/{checkpoint.pk}/artifacts/model.pt")
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    checkpoint.refresh_from_db()
    assert checkpoint.quarantined_at is None


def test_a_download_that_its_client_gives_up_closes_the_file(db: None) -> None:
    checkpoint = saved(b"a" * 3 * downloads.CHUNK_BYTES)
    file = files.open_file(str(checkpoint.artifacts.get(name="model.pt").file.name))
    chunks = VerifiedChunks(file, name="model.pt", sha256="")
    answer = StreamingHttpResponse(chunks)

    async def first() -> bytes:
        return await anext(aiter(chunks))

    take: Callable[[], Awaitable[bytes]] = first
    assert len(async_to_sync(take)()) == downloads.CHUNK_BYTES
    answer.close()
    assert file.closed


def test_staff_see_how_much_is_stored_of_everything(
    api: APIClient, owner: User, client_for: ClientFor
) -> None:
    scenes.cancelled(1, 2)
    stats = data(api, f"{ALL}/stats")
    assert stats["total"]["count"] == 2
    assert stats["by_type"]["cancellation"]["count"] == 1
    answer = client_for(owner).get(f"{ALL}/stats")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


@pytest.mark.django_db(transaction=True)
def test_staff_clean_up_what_is_old(staff: User, client_for: ClientFor) -> None:
    """With real transactions: the sweep of orphans must run in none."""
    api = client_for(staff)
    operation = scenes.cancelled(1, 2)
    newer, older = store.candidates(operation.pk)
    for checkpoint in (newer, older):
        age(checkpoint, days=31)
    for dry_run in (True, False):
        answer = api.post(
            f"{ALL}/cleanup",
            {"max_age_days": 30, "dry_run": dry_run},
            format="json",
            headers={"idempotency-key": f"dry {dry_run}"},
        )
        assert answer.status_code == 200, answer.json()
        told = answer.json()["data"]
        assert [row["id"] for row in told["pruned"]] == [older.pk]
        assert told["dry_run"] is dry_run
        assert Checkpoint.objects.filter(pk=older.pk).exists() is dry_run
    assert api.post(f"{ALL}/cleanup", {}, format="json").status_code == 400
