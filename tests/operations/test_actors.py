"""Every event says who did it: whoever sent the request, a command, a worker or the sweeper."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from checkpoints.models import Checkpoint
from operations import actor, lifecycle
from operations.access import tokens
from operations.access.tokens import Scope
from operations.models import Event, EventType, Operation
from operations.upkeep import checkpoints
from operations.views.timeline import timeline
from tests.asking.commands import Manage
from tests.operations import scenes
from tests.operations.dashboard.pictures import owned_by

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type", "redis_down")]


def actor_of(operation: Operation, event_type: EventType) -> tuple[str, str]:
    event = Event.objects.filter(operation=operation, event_type=event_type).latest("number")
    return event.actor_kind, event.actor_name


def test_a_page_names_its_user(client: Client, staff: User, owner: User) -> None:
    operation = owned_by(owner, scenes.running())
    client.force_login(staff)
    client.post(reverse("cancel", args=[operation.pk]))
    assert actor_of(operation, EventType.CANCEL_REQUESTED) == ("user", "staff")


def test_the_admin_names_its_user(client: Client) -> None:
    operation, superuser = scenes.running(), User.objects.create_superuser("root")
    client.force_login(superuser)
    chosen = {"action": "cancel_selected", "_selected_action": [operation.pk]}
    client.post(reverse("admin:operations_operation_changelist"), chosen)
    assert actor_of(operation, EventType.CANCEL_REQUESTED) == ("user", "root")


def test_the_api_names_the_token_by_its_hint(staff: User) -> None:
    operation = scenes.running()
    token, secret = tokens.issue(staff, scope=Scope.OPERATE)
    api = APIClient(headers={"authorization": f"Bearer {secret}"})
    api.post(f"/api/v1/operations/{operation.pk}/cancel")
    assert actor_of(operation, EventType.CANCEL_REQUESTED) == ("token", f"staff ({token.hint}…)")
    shown = api.get(f"/api/v1/operations/{operation.pk}/events").json()["data"][-1]
    assert (shown["actor_kind"], shown["actor_name"]) == ("token", f"staff ({token.hint}…)")
    assert secret not in str(shown)


def test_a_command_names_itself_and_the_account(manage: Manage) -> None:
    operation = scenes.running()
    manage("cancel_operation", operation.pk)
    kind, name = actor_of(operation, EventType.CANCEL_REQUESTED)
    assert kind == "command"
    assert name.startswith("cancel_operation (")


def test_the_sweeper_is_the_system(manage: Manage) -> None:
    operation = scenes.running()
    scenes.expire_lease(operation)
    scenes.sweepers_were_awake()
    manage("sweep_operations")
    assert actor_of(operation, EventType.WORKER_LOST) == ("system", "sweeper")


def test_what_no_request_and_no_command_does_is_the_systems() -> None:
    assert actor_of(scenes.running(), EventType.CLAIMED) == ("system", "")
    with actor.process_is(actor.system("worker-1")):
        assert actor_of(scenes.running(), EventType.CLAIMED) == ("system", "worker-1")


def test_a_checkpoint_deleted_by_hand_names_who_did_it(staff: User) -> None:
    operation = scenes.cancelled(1, 2)
    oldest = Checkpoint.objects.filter(operation_id=operation.pk).earliest("pk")
    _, secret = tokens.issue(staff, scope=Scope.OPERATE)
    api = APIClient(headers={"authorization": f"Bearer {secret}"})
    assert api.delete(f"/api/v1/checkpoints/{oldest.pk}").status_code == 200
    assert actor_of(operation, EventType.CHECKPOINT_DELETED)[0] == "token"
    event = Event.objects.filter(operation=operation).latest("number")
    assert event.data == {"checkpoint_type": "periodic", "epoch": 1, "batch": 0}


@pytest.mark.django_db(transaction=True)
def test_one_deleted_for_its_age_does_too_and_a_dry_run_records_nothing() -> None:
    operation = scenes.cancelled(1, 2)
    checkpoints.clean_up(max_age=timedelta(0), dry_run=True)
    assert not Event.objects.filter(event_type=EventType.CHECKPOINT_DELETED).exists()
    checkpoints.clean_up(max_age=timedelta(0))
    assert actor_of(operation, EventType.CHECKPOINT_DELETED)[0] == "system"


def test_a_refused_deletion_records_nothing(staff: User) -> None:
    operation = scenes.cancelled(1)
    _, secret = tokens.issue(staff, scope=Scope.OPERATE)
    api = APIClient(headers={"authorization": f"Bearer {secret}"})
    assert api.delete(f"/api/v1/checkpoints/{scenes.newest(operation).pk}").status_code == 409
    assert not Event.objects.filter(event_type=EventType.CHECKPOINT_DELETED).exists()


def test_the_timeline_names_people_and_no_machine(client: Client, staff: User, owner: User) -> None:
    operation = owned_by(owner, scenes.running())
    client.force_login(staff)
    client.post(reverse("cancel", args=[operation.pk]))
    told = {h.event.event_type: h.by for h in timeline(list(Event.objects.order_by("number")))}
    assert (told["claimed"], told["cancel_requested"]) == ("", "by staff")
    client.force_login(owner)
    assert "by staff" in client.get(reverse("operation", args=[operation.pk])).content.decode()


def test_what_an_earlier_version_recorded_names_nobody() -> None:
    operation = scenes.pending()
    Event.objects.filter(operation=operation).update(actor_kind="", actor_name="")
    assert [happening.by for happening in timeline(list(Event.objects.all()))] == [""]
    assert lifecycle.request_cancel(operation.pk)
    assert actor_of(operation, EventType.CREATED) == ("", "")
