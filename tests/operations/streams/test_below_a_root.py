"""A site below its host's root, behind a real nginx that passes the path on or takes it away."""

import re
from collections.abc import Iterator

import pytest
import requests
from django.contrib.auth.models import User
from django.db import connection
from django.http import Http404
from django.test import RequestFactory

from operations.api.problems import CONTENT_TYPE, page_not_found
from tests.asking.clients import cookies
from tests.operations import scenes
from tests.running.proxy import Proxy
from tests.running.servers import Servers
from tests.running.web import HOST, Listener, Web

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fake_type"),
]

ROOT = "/team/ktrdr"
LINKED = re.compile(r'\s(?:href|src|action|hx-get|hx-post|sse-connect|data-url)="(/[^"]*)"')


@pytest.fixture(scope="module")
def below(
    servers: Servers, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Web]:
    log = tmp_path_factory.mktemp("web") / "web.log"
    database = str(connection.settings_dict["NAME"])
    running = Web(servers, log, database=database, KTRDR_ROOT_PATH=f"{ROOT}/", DEBUG="true")
    yield running
    running.stop()


@pytest.fixture(params=["passes the path on", "takes it away"])
def proxy(request: pytest.FixtureRequest, servers: Servers, below: Web) -> Iterator[Proxy]:
    takes_away = request.param == "takes it away"
    running = Proxy(servers, to_port=below.port, root=f"{ROOT}/", takes_root_away=takes_away)
    yield running
    running.stop()


def signed_in(proxy: Proxy) -> requests.Session:
    """Through the form, from the page that one was sent away from."""
    User.objects.create_superuser("anna", password="correct horse battery")
    browser = requests.Session()
    page = browser.get(f"http://{HOST}:{proxy.port}{ROOT}/account/")
    assert page.url.endswith(f"{ROOT}/login/?next={ROOT}/account/")
    [token] = set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text))
    form = {"username": "anna", "password": "correct horse battery", "csrfmiddlewaretoken": token}
    done = browser.post(page.url, {**form, "next": f"{ROOT}/account/"})
    assert done.url == f"http://{HOST}:{proxy.port}{ROOT}/account/", done.text
    assert {cookie.path for cookie in browser.cookies} == {f"{ROOT}/"}
    return browser


def test_pages_files_and_the_api_are_linked_below_it(proxy: Proxy) -> None:
    for _ in range(2):
        scenes.completed(5)
    browser, site = signed_in(proxy), f"http://{HOST}:{proxy.port}"
    for path in ("/operations/", "/start/", "/workers/", "/account/", "/admin/"):
        page = browser.get(f"{site}{ROOT}{path}")
        linked = LINKED.findall(page.text)
        assert page.status_code == 200 and linked, path
        assert [to for to in linked if to != ROOT and not to.startswith(f"{ROOT}/")] == []
    [style] = re.findall(r'href="([^"]+/dashboard[^"]*\.css)"', browser.get(f"{site}{ROOT}/").text)
    assert browser.get(site + style).headers["Content-Type"].startswith("text/css")
    listed = browser.get(f"{site}{ROOT}/api/v1/operations?page_size=1").json()
    assert listed["next"].startswith(f"{site}{ROOT}/api/v1/operations?")
    assert browser.get(listed["next"]).status_code == 200
    described = browser.get(f"{site}{ROOT}/api/v1/schema").json()
    assert described["servers"] == [{"url": ROOT}]
    missing = browser.get(f"{site}{ROOT}/api/v1/operations/op_nothing")
    assert missing.headers["Content-Type"] == CONTENT_TYPE
    assert browser.get(f"{site}{ROOT}/healthz").json()["database"] is True


def test_what_is_not_there_is_a_problem_of_the_api_below_it_too() -> None:
    asked = RequestFactory(SCRIPT_NAME=ROOT).get("/api/v1/nothing")
    assert asked.path == f"{ROOT}/api/v1/nothing"
    assert page_not_found(asked, Http404())["Content-Type"] == CONTENT_TYPE


def test_its_streams_flow(proxy: Proxy) -> None:
    operation = scenes.running()
    staff = User.objects.create_user("staff", is_staff=True)
    events = f"{ROOT}/api/v1/operations/{operation.pk}/events"
    with Listener(proxy.port, events, cookies(staff)) as stream:
        stream.wait_for("claimed")
