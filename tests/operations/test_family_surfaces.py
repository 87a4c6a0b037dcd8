"""What is shown of a family and its parts: in the API, on pages, in the admin, in the numbers."""

import pytest
from django.contrib.admin.utils import quote
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from operations import lifecycle
from operations.access import tokens
from operations.access.tokens import Scope
from operations.models import Operation
from operations.monitoring.measures import operations_by_status, waiting_attempts
from operations.reading.words import resume_words
from operations.resume import resume_operation
from tests.asking.described_client import DescribedClient
from tests.operations import scenes
from tests.operations.family_scenes import held, parked, part_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("family_type", "redis_down")]
LIST = "/api/v1/operations"


@pytest.fixture
def api(staff: User) -> APIClient:
    _, secret = tokens.issue(staff, scope=Scope.OPERATE)
    return DescribedClient(headers={"authorization": f"Bearer {secret}"})


@pytest.fixture
def page(staff: User) -> Client:
    staff.is_superuser = True
    staff.save()
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def family() -> Operation:
    waiting = parked(3)
    held(part_of(waiting, 2), 0.25)
    return waiting


def ids(api: APIClient, **query: object) -> list[str]:
    answer = api.get(LIST, query)
    assert answer.status_code == 200, answer.json()
    return [row["operation_id"] for row in answer.json()["data"]]


def test_the_api_lists_families_and_their_parts_when_it_is_asked_to(
    api: APIClient, family: Operation
) -> None:
    parts = [part_of(family, number).pk for number in (1, 2, 3)]
    assert ids(api) == [family.pk]
    assert sorted(ids(api, part_of=family.pk)) == sorted(parts)
    assert sorted(ids(api, parts="true")) == sorted([family.pk, *parts])
    assert ids(api, part_of="op_nothing") == []


def test_the_api_tells_what_a_family_waits_for_and_what_waits_for_it(
    api: APIClient, family: Operation
) -> None:
    shown = api.get(f"{LIST}/{family.pk}").json()["data"]
    assert (shown["parts"], shown["open_parts"]) == (3, 2)
    assert shown["phase"] == "waiting for its parts"
    part = api.get(f"{LIST}/{part_of(family, 2).pk}").json()["data"]
    assert (part["part_of"], part["part_number"]) == (family.pk, 2)
    assert (part["part_value"], part["hold_at"]) == ((0.25).hex(), 2)
    assert part["phase"] == "waiting for its family"
    assert part["allowed_actions"] == ["cancel"]
    alone = api.get(f"{LIST}/{scenes.pending().pk}").json()["data"]
    assert (alone["parts"], alone["open_parts"], alone["part_of"]) == (None, None, None)


def test_a_stopped_part_offers_nothing_while_its_family_is_live(
    api: APIClient, page: Client, family: Operation
) -> None:
    part = part_of(family, 1)
    lifecycle.request_cancel(part.pk)
    for verb in ("resume", "restart"):
        answer = api.post(f"{LIST}/{part.pk}/{verb}", {}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (409, "part_of_live_family")
        assert family.pk in answer.json()["detail"]
    assert api.get(f"{LIST}/{part.pk}").json()["data"]["allowed_actions"] == []
    assert "is part 1 of" in page.get(f"/operations/{part.pk}/").content.decode()


def test_a_family_is_resumed_without_a_checkpoint(api: APIClient, family: Operation) -> None:
    lifecycle.request_cancel(family.pk)
    assert ids(api, resumable="true") == [family.pk]
    answer = api.post(f"{LIST}/{family.pk}/resume", {}, format="json")
    assert answer.status_code == 200
    assert answer.json()["data"]["resumed_from"] is None
    lifecycle.request_cancel(family.pk)
    assert "with what it has" in resume_words(resume_operation(family.pk))


def test_pages_lead_from_a_family_to_its_parts_and_back(page: Client, family: Operation) -> None:
    part = part_of(family, 1)
    assert f'href="/operations/{part.pk}/"' not in page.get("/operations/").content.decode()
    own = page.get(f"/operations/{family.pk}/").content.decode()
    assert f"?part_of={family.pk}" in own
    listed = page.get(f"/operations/?part_of={family.pk}").content.decode()
    assert f"/operations/{part.pk}/" in listed
    assert "All <b>3</b>" in listed  # the family, of which there is one, is not among them
    assert (
        f'Part 1 of</dt><dd><a class="mono" href="/operations/{family.pk}/"'
        in page.get(f"/operations/{part.pk}/").content.decode()
    )


def test_the_admin_lists_families_unless_it_is_asked_for_parts(
    page: Client, family: Operation
) -> None:
    address, part = "/admin/operations/operation/", part_of(family, 1)
    assert part.pk not in page.get(address).content.decode()
    assert part.pk in page.get(f"{address}?parts=all").content.decode()
    assert page.get(f"{address}{quote(part.pk)}/change/").status_code == 200


def test_numbers_count_families_and_what_waits_for_workers(family: Operation) -> None:
    counted = {labels["status"]: number for labels, number in operations_by_status()}
    assert counted["running"] == 1
    assert {labels["queue"]: number for labels, number in waiting_attempts()} == {"training-low": 2}
