"""A second kind of operation is shown as well as run: without epochs, losses or a curve."""

from argparse import ArgumentParser

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

import ktrdr_site.settings
from operations import lifecycle
from operations.access import tokens
from operations.access.tokens import Scope
from operations.management.commands.resume_operation import Command
from operations.models import Operation
from tests.asking.commands import Manage
from tests.asking.commands import manage as manage
from tests.operations import scenes
from tests.operations.fake_type import PLAIN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_down")]

OF_A_TRAINING = ("epoch", "loss", "curve", "sparkline", "samples a second", "strategy, data")


@pytest.fixture
def api(staff: User) -> APIClient:
    _, secret = tokens.issue(staff, scope=Scope.OPERATE)
    return APIClient(headers={"authorization": f"Bearer {secret}"})


@pytest.fixture
def operation(settings: Settings) -> Operation:
    """Half-way, of a kind that brings nothing of its own to show."""
    settings.OPERATION_TYPES = PLAIN
    operation = scenes.running()
    progress = {"phase": "training", "percent": 50.0, "eta_seconds": 65.0, "step": "12 of 24"}
    assert lifecycle.heartbeat(operation.pk, 1, progress=progress)
    return scenes.reread(operation)


@pytest.fixture
def stopped(settings: Settings) -> Operation:
    settings.OPERATION_TYPES = PLAIN
    return scenes.cancelled(1)


@pytest.fixture
def beside_trainings(stopped: Operation, settings: Settings) -> Operation:
    """The stopped one, on a site that runs trainings, too."""
    settings.OPERATION_TYPES = {**ktrdr_site.settings.OPERATION_TYPES, **PLAIN}
    return stopped


@pytest.fixture
def page(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def read(page: Client, address: str) -> str:
    answer = page.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_its_page_has_its_progress_and_nothing_of_a_training(
    page: Client, operation: Operation
) -> None:
    html = read(page, f"/operations/{operation.pk}/")
    assert "50 %" in html
    assert "1 min 05 s left" in html
    assert [word for word in OF_A_TRAINING if word in html.lower()] == []


def test_its_header_is_read_again_in_the_same_way(page: Client, operation: Operation) -> None:
    html = read(page, f"/operations/{operation.pk}/header/")
    assert "50 %" in html
    assert "epoch" not in html.lower()


def test_its_row_has_its_progress_and_empty_cells(page: Client, operation: Operation) -> None:
    html = read(page, f"/operations/{operation.pk}/row/")
    assert "50 %" in html
    assert "epoch" not in html
    assert html.count("<td") == read(page, "/operations/").split("</thead>")[0].count("<th") - 1


def test_the_api_has_the_progress_of_every_kind(api: APIClient, operation: Operation) -> None:
    for shown in (
        api.get(f"/api/v1/operations/{operation.pk}").json()["data"],
        api.get("/api/v1/operations").json()["data"][0],
    ):
        assert shown["progress"] == {
            "percent": 50.0,
            "eta_seconds": 65.0,
            "step": "12 of 24",
            "save_error": None,
        }


def test_a_terminal_gets_the_time_that_is_left(manage: Manage, operation: Operation) -> None:
    assert "1:05 left" in manage("list_operations").out
    assert "epoch" not in manage("show_operation", operation.pk).out


def test_its_page_resumes_it_without_a_question(page: Client, stopped: Operation) -> None:
    html = read(page, f"/operations/{stopped.pk}/")
    assert "Resume after" in html
    assert 'type="checkbox"' not in html
    assert "A new operation with the same request" in html
    page.post(f"/operations/{stopped.pk}/resume/")
    assert scenes.reread(stopped).attempt == 2


def test_the_api_knows_no_option_that_no_kind_has(api: APIClient, stopped: Operation) -> None:
    address = f"/api/v1/operations/{stopped.pk}/resume"
    answer = api.post(address, {"accept_changed_data": True}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert api.post(address, {}, format="json").status_code == 200


@pytest.mark.usefixtures("stopped")
def test_the_command_has_no_argument_that_no_kind_has() -> None:
    parser = ArgumentParser()
    Command().add_arguments(parser)
    assert vars(parser.parse_args(["op_1"])).keys() == {"json", "id", "follow"}


def test_what_only_a_training_asks_is_refused_for_another_kind(
    manage: Manage, api: APIClient, beside_trainings: Operation
) -> None:
    refused = manage("resume_operation", beside_trainings.pk, "--accept-changed-data")
    assert refused.code == 2
    assert "of type fake takes no accept_changed_data" in refused.err
    address = f"/api/v1/operations/{beside_trainings.pk}/resume"
    assert api.post(address, {"device": "cpu"}, format="json").json()["code"] == "invalid"
    assert scenes.reread(beside_trainings).attempt == 1
    assert manage("resume_operation", beside_trainings.pk).code == 0
