"""From a file that a user sends to bars that trainings use, at a real web server."""

import gzip
import http.client
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from html import unescape
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client as DjangoClient

from operations.access import tokens
from operations.access.tokens import Scope
from tests.running.servers import Servers
from tests.running.stack import wait_until
from tests.running.web import HOST, Web
from training.models import MarketData

pytestmark = pytest.mark.django_db(transaction=True)

UPLOADS = "/api/v1/uploads"
PAGE = "/data/-/uploads/"
FORM = "multipart/form-data; boundary=B"
SLASHES = "{day:02}/{month:02}/2024"
MEGABYTE = 1024**2
ASKED = {"symbol": "ACME", "timeframe": "1d"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def web(servers: Servers, django_db_setup: None, data: Path) -> Iterator[Web]:
    storage = {"KTRDR_CHECKPOINT_STORAGE": f"{data}/checkpoints/", "KTRDR_UPLOAD_MB": "2"}
    name = str(connection.settings_dict["NAME"])
    web = Web(servers, data / "web.log", database=name, KTRDR_DATA_DIR=str(data), **storage)
    yield web
    web.stop()


class Client:
    def __init__(self, web: Web, user: User, scope: Scope = Scope.OPERATE) -> None:
        _, secret = tokens.issue(user, scope=scope)
        self.web = web
        self.headers = {"Authorization": f"Bearer {secret}"}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        line = http.client.HTTPConnection(HOST, self.web.port, timeout=60)
        if isinstance(body, dict):
            body, headers = json.dumps(body).encode(), {"Content-Type": "application/json"}
        with suppress(BrokenPipeError, ConnectionResetError):  # it was refused meanwhile
            line.request(method, path, body, {**self.headers, **headers})
        answer = line.getresponse()
        content = answer.read()
        line.close()
        return answer.status, json.loads(content)

    def send(self, content: bytes, name: str = "prices.csv", **headers: str) -> str:
        status, told = self.ask("POST", f"{UPLOADS}?name={name}", content, **headers)
        assert status == 201, told
        return f"{UPLOADS}/{told['data']['id']}"

    def ended(self, upload: str) -> dict[str, Any]:
        """What became of an import."""
        wait_until(lambda: self.ask("GET", upload)[1]["data"]["status"] != "importing", 60)
        found: dict[str, Any] = self.ask("GET", upload)[1]["data"]
        return found


@pytest.fixture
def client(web: Web, data: Path) -> Client:
    """Of a user who has sent nothing yet; nor has anybody else."""
    shutil.rmtree(data / "uploads", ignore_errors=True)
    return Client(web, User.objects.create_user("owner"))


def prices(rows: int = 30, date: str = "2024-{month:02}-{day:02}") -> bytes:
    lines = [
        f"{date.format(month=1 + row // 28, day=1 + row % 28)},10,12,9,{10 + row / 7!r},5"
        for row in range(rows)
    ]
    return "\n".join(["Date,Open,High,Low,Close,Volume", *lines]).encode()


def left(data: Path) -> list[Path]:
    """Files of uploads; some may go meanwhile."""
    root = data / "uploads"
    return [
        Path(where) / name
        for where, _, names in os.walk(root)
        for name in names
        if Path(where) != root
    ]


def test_a_file_is_sent_previewed_and_imported(client: Client) -> None:
    upload = client.send(prices())
    status, told = client.ask("POST", f"{upload}/preview", ASKED)
    assert status == 200, told
    assert (told["data"]["report"]["rows"], len(told["data"]["rows"])) == (30, 20)
    assert told["data"]["rows"][0]["time"] == "2024-01-01T00:00:00Z"
    assert not MarketData.objects.exists()

    status, told = client.ask("POST", f"{upload}/import", ASKED)
    assert status == 202, told
    assert told["data"]["step"]
    ended = client.ended(upload)
    assert (ended["status"], ended["problem"], ended["size_bytes"]) == ("imported", None, 0)
    stored = MarketData.objects.get()
    assert ended["imported"]["fingerprint"] == stored.fingerprint
    assert client.ask("GET", "/api/v1/data/ACME/1d/bars")[1]["data"][0]["close"] == 10.0
    status, told = client.ask("POST", f"{upload}/import", ASKED)
    assert (status, told["code"]) == (409, "upload_used")


def plan_of(client: Client, content: bytes, **options: object) -> dict[str, Any]:
    """What a preview says an import would do; the upload is gone again."""
    upload = client.send(content)
    status, told = client.ask("POST", f"{upload}/preview", {**ASKED, "options": options})
    assert status == 200, told
    client.ask("DELETE", upload)
    found: dict[str, Any] = told["data"]["plan"]
    return found


def test_a_preview_says_what_an_import_would_do(client: Client) -> None:
    assert plan_of(client, prices(28))["words"] == ["the first 28 bars of ACME at 1d"]
    upload = client.send(prices(28))
    client.ask("POST", f"{upload}/import", ASKED)
    client.ended(upload)
    assert plan_of(client, prices(28)) == {
        "kind": None,
        "words": ["the same bars are stored already: nothing changes"],
        "rows": 28,
        "refused": None,
    }
    longer = plan_of(client, prices(30))
    assert (longer["kind"], longer["rows"]) == ("append", 30)
    assert longer["words"][0] == "2 bars after 2024-01-28, to 2024-02-02"
    other = prices(28).replace(b",10.0,5", b",10.5,5")
    differs = plan_of(client, other)
    assert (differs["kind"], differs["refused"]["code"]) == (None, "market_data_differs")
    assert (
        "the first on 2024-01-01 (close 10 stored, 10.5 in the file)"
        in (differs["refused"]["detail"])
    )
    assert plan_of(client, other, replace=True)["kind"] == "replace"
    assert MarketData.objects.get().num_rows == 28


def test_to_replace_needs_the_permission_to_delete(client: Client) -> None:
    owner = User.objects.get(username="owner")
    owner.groups.clear()
    owner.user_permissions.add(Permission.objects.get(codename="add_marketdata"))
    upload = client.send(prices())
    asked = {**ASKED, "options": {"replace": True}}
    status, told = client.ask("POST", f"{upload}/import", asked)
    assert (status, told["code"]) == (403, "permission_denied")
    assert "training.delete_marketdata" in told["detail"]
    assert client.ask("POST", f"{upload}/import", ASKED)[0] == 202
    assert client.ended(upload)["status"] == "imported"


def test_a_form_of_one_file_is_taken_like_its_content(client: Client) -> None:
    upload = client.send(form(prices()), **{"Content-Type": FORM})
    _, told = client.ask("GET", upload)
    assert (told["data"]["name"], told["data"]["size_bytes"]) == ("my.csv", len(prices()))


def test_a_file_that_needs_an_answer_is_refused_with_its_readings_and_stores_nothing(
    client: Client,
) -> None:
    upload = client.send(prices(10, SLASHES))
    status, told = client.ask("POST", f"{upload}/preview", ASKED)
    assert (status, told["code"]) == (400, "market_data_invalid")
    answers = {error["pointer"]: error["detail"] for error in told["errors"]}
    assert "2024-01-01" in answers["--dates dmy"]
    client.ask("POST", f"{upload}/import", ASKED)
    ended = client.ended(upload)
    assert (ended["status"], ended["problem"]["code"]) == ("refused", "market_data_invalid")
    assert not MarketData.objects.exists()
    answered = {**ASKED, "options": {"dates": "dmy"}}
    assert client.ask("POST", f"{upload}/import", answered)[0] == 202
    assert client.ended(upload)["status"] == "imported"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({**ASKED, "options": {"dates": "ydm"}}, "option_invalid"),
        ({**ASKED, "options": {"since": "1"}}, "invalid"),
        ({**ASKED, "timeframe": "7d"}, "invalid"),
    ],
)
def test_what_cannot_be_asked_for_is_said(client: Client, asked: Any, code: str) -> None:
    upload = client.send(prices())
    for verb in ("preview", "import"):
        status, told = client.ask("POST", f"{upload}/{verb}", asked)
        assert (status, told["code"]) == (400, code), told


def test_who_may_not_is_told_before_a_byte_of_the_file_is_read(
    web: Web, client: Client, data: Path
) -> None:
    reader = Client(web, User.objects.get(username="owner"), Scope.READ)
    nobody = User.objects.create_user("reader")
    nobody.groups.clear()
    for refused in (reader, Client(web, nobody)):
        line = http.client.HTTPConnection(HOST, web.port, timeout=60)
        line.putrequest("POST", UPLOADS)
        for name, value in {**refused.headers, "Content-Length": str(MEGABYTE)}.items():
            line.putheader(name, value)
        line.endheaders()  # and no body
        answer = line.getresponse()
        assert (answer.status, answer.headers["connection"]) == (403, "close")
        line.close()
    assert left(data) == []


def test_too_large_a_file_leaves_nothing_whether_it_says_so_or_not(
    client: Client, data: Path
) -> None:
    status, told = client.ask("POST", UPLOADS, b"x" * 3 * MEGABYTE)
    assert (status, told["code"]) == (413, "body_too_large")
    pieces = iter([b"x" * MEGABYTE] * 3)
    status, told = client.ask("POST", UPLOADS, pieces)
    assert (status, told["code"]) == (413, "body_too_large")
    assert left(data) == []


def test_a_client_that_goes_leaves_nothing(web: Web, client: Client, data: Path) -> None:
    line = http.client.HTTPConnection(HOST, web.port, timeout=60)
    line.putrequest("POST", UPLOADS)
    for name, value in {**client.headers, "Content-Length": str(MEGABYTE)}.items():
        line.putheader(name, value)
    line.endheaders(b"x" * 1000)
    wait_until(lambda: left(data) != [])
    line.close()
    wait_until(lambda: left(data) == [])
    assert client.ask("GET", UPLOADS)[1]["data"] == []


def test_two_at_a_time_and_a_deleted_one_makes_place(client: Client, web: Web) -> None:
    first = client.send(prices())
    client.send(prices())
    status, told = client.ask("POST", UPLOADS, prices())
    assert (status, told["code"]) == (409, "too_many_uploads")
    assert client.ask("DELETE", first)[0] == 200
    other = Client(web, User.objects.create_user("other"))
    assert other.ask("GET", client.send(prices()))[0] == 404


def test_a_bomb_is_not_unpacked(client: Client, data: Path) -> None:
    upload = client.send(gzip.compress(b"0" * 60 * MEGABYTE), "bomb.csv.gz")
    status, told = client.ask("POST", f"{upload}/preview", ASKED)
    assert status == 400
    assert "more than 100 times its size" in told["detail"]
    assert {path.name for path in left(data)} == {"about.json", "bomb.csv.gz"}


class Browser:
    """A signed-in user's, on the site's pages."""

    def __init__(self, web: Web, user: User) -> None:
        browser = DjangoClient()
        browser.force_login(user)
        self.web = web
        self.cookies = {"sessionid": browser.cookies["sessionid"].value}

    def ask(self, method: str, path: str, body: bytes = b"", type: str = "") -> tuple[int, str]:
        """The status, and where it leads or what it shows."""
        line = http.client.HTTPConnection(HOST, self.web.port, timeout=60)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        line.request(method, path, body, {"Cookie": cookie, "Content-Type": type})
        answer = line.getresponse()
        for name, morsel in SimpleCookie(answer.headers.get("Set-Cookie", "")).items():
            self.cookies[name] = morsel.value
        content = answer.read().decode()
        line.close()
        return answer.status, answer.headers.get("Location") or unescape(content)

    def post(self, page: str, **fields: str) -> tuple[int, str]:
        """The form that a page shows."""
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.ask("GET", page)[1])
        assert found
        body = urlencode({"csrfmiddlewaretoken": found[1], **fields}).encode()
        return self.ask("POST", page, body, "application/x-www-form-urlencoded")


@pytest.fixture
def browser(web: Web, client: Client) -> Browser:
    return Browser(web, User.objects.get(username="owner"))


def form(content: bytes) -> bytes:
    head = b'--B\r\nContent-Disposition: form-data; name="file"; filename="my.csv"\r\n\r\n'
    return head + content + b"\r\n--B--\r\n"


def test_the_pages_lead_from_a_file_to_its_series(browser: Browser) -> None:
    [action] = re.findall(r'action="(/data/-/uploads/[^"]*)"', browser.ask("GET", PAGE)[1])
    status, upload = browser.ask("POST", action, form(prices(10, SLASHES)), FORM)
    assert status == 302
    status, page = browser.post(upload, **ASKED, action="preview")
    assert status == 400
    assert "--dates dmy" in page and "first row: 2024-01-01T00:00:00Z" in page
    status, page = browser.post(upload, **ASKED, dates="dmy", action="preview")
    assert status == 200
    assert "The first 10 bars of ACME at 1d" in page
    assert "As it is understood: 10 bars" in page and "2024-01-10T00:00:00Z" in page
    assert not MarketData.objects.exists()
    assert browser.post(upload, **ASKED, dates="dmy", action="import")[0] == 302
    wait_until(lambda: "has 10 bars now" in browser.ask("GET", upload)[1], 60)
    assert "ACME 1d" in browser.ask("GET", "/data/ACME/1d/")[1]


def test_a_form_without_its_ticket_or_with_anothers_sends_nothing(
    browser: Browser, web: Web, data: Path
) -> None:
    other = Browser(web, User.objects.create_user("other"))
    [action] = re.findall(r'action="(/data/-/uploads/[^"]*)"', other.ask("GET", PAGE)[1])
    for address in (PAGE, f"{PAGE}?ticket=x", action):
        assert browser.ask("POST", address, form(prices()), FORM)[0] == 403
    assert left(data) == []
    assert other.ask("POST", action, form(prices()), FORM)[0] == 302


def test_a_deleted_upload_is_gone(browser: Browser, client: Client, data: Path) -> None:
    upload_id = client.send(prices()).rpartition("/")[2]
    assert browser.post(f"{PAGE}{upload_id}/", action="delete") == (302, PAGE)
    assert left(data) == []
    assert browser.ask("GET", f"{PAGE}{upload_id}/")[0] == 404
