"""Each page and fragment opens, in every state that an operation can be in."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client, RequestFactory
from django.urls import reverse

from operations.api.problems import server_error
from tests.operations import scenes
from tests.running.stack import PROJECT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type", "redis_down")]

TEMPLATES = Path(__file__).resolve().parents[3]
INLINE = re.compile(
    r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=|[\"']javascript:", re.IGNORECASE
)


@pytest.mark.parametrize("name", ["", "-row", "-header", "-history", "-log", "-curve"])
def test_each_part_opens_in_each_state(page: Client, name: str) -> None:
    states = (
        scenes.pending(),
        scenes.running(),
        scenes.cancelled(3),
        scenes.failed(),
        scenes.failed(4),
        scenes.completed(5),
    )
    for operation in states:
        answer = page.get(reverse(f"operation{name}", args=[operation.pk]))
        assert (answer.status_code, operation.status) == (200, operation.status)


@pytest.mark.parametrize("address", ["/operations/", "/workers/", "/login/"])
def test_each_page_opens(page: Client, address: str) -> None:
    assert page.get(address).status_code == 200


def test_the_address_of_the_site_leads_to_the_operations(page: Client) -> None:
    assert page.get("/", follow=True).request["PATH_INFO"] == "/operations/"


def test_a_page_has_the_theme_that_a_cookie_names_and_no_other(page: Client) -> None:
    page.cookies["theme"] = "dark"
    assert '<html lang="en" data-theme="dark">' in page.get("/account/").content.decode()
    page.cookies["theme"] = "'><script>"
    assert '<html lang="en">' in page.get("/account/").content.decode()


def test_no_template_brings_a_script_or_style_of_its_own() -> None:
    templates = list(TEMPLATES.glob("*/templates/**/*.html"))
    assert len(templates) > 10
    assert [path.name for path in templates if INLINE.search(path.read_text())] == []
    # What else runs is listed for it (`<meta name="module">`), and waits for the first paint.
    assert [path.name for path in templates if "<script" in path.read_text()] == ["base.html"]


def test_every_command_on_a_page_can_be_pasted() -> None:
    templates = TEMPLATES.glob("*/templates/**/*.html")
    assert [path.name for path in templates if "manage.py" in path.read_text()] == []


@pytest.mark.parametrize("library", ["htmx", "htmx-ext-sse", "uplot"])
def test_a_vendored_library_comes_with_its_licence(library: str) -> None:
    assert finders.find(f"operations/vendor/{library}/LICENSE")


def test_the_editor_comes_with_the_licence_of_each_package_in_it() -> None:
    licences = Path(str(finders.find("training/vendor/codemirror/LICENSE"))).read_text()
    package = json.loads((PROJECT / "training" / "editor" / "package.json").read_text())
    asked = {name: at for name, at in package["devDependencies"].items() if name != "esbuild"}
    assert len(asked) >= 8
    assert all(f"{name} {version} (MIT)" in licences for name, version in asked.items())


def test_an_operation_that_is_not_there_is_said_so_in_words(page: Client) -> None:
    answer = page.get("/operations/op_nothing/")
    assert answer.status_code == 404
    assert "There is no operation op_nothing" in answer.content.decode()


@pytest.mark.parametrize("address", ["/nothing/here/", "/operations/no such id/"])
def test_an_address_without_a_page_says_so_in_the_same_frame(page: Client, address: str) -> None:
    answer = page.get(address)
    assert answer.status_code == 404
    assert "There is no page at this address" in answer.content.decode()


def test_a_form_that_grew_old_says_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post("/login/", {"username": "x", "password": "y"})
    assert answer.status_code == 403
    assert "Load the page again" in answer.content.decode()


def test_a_fault_of_ours_says_where_to_look() -> None:
    assert "is in its log" in server_error(RequestFactory().get("/operations/")).content.decode()
