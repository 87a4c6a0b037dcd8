"""Static files have names of their content, and are kept for a year under those alone."""

import re
from contextlib import closing

import pytest
from django.templatetags.static import static
from django.test import Client

from ktrdr_site.static_files import version, version_of

pytestmark = pytest.mark.django_db

A_YEAR = "public, max-age=31536000, immutable"
FILES = ("operations/dashboard.css", "operations/stream_worker.js", "admin/css/base.css")


@pytest.mark.parametrize("name", FILES)
def test_a_file_under_the_name_of_its_content_is_kept_for_a_year(name: str, client: Client) -> None:
    named, plain = client.get(static(name)), client.get(f"/static/{name}")
    with closing(named), closing(plain):
        assert (named.status_code, named["Cache-Control"]) == (200, A_YEAR)
        assert named.getvalue() == plain.getvalue()


@pytest.mark.parametrize("other", ["", "0123456789abcdef/"])
def test_under_another_name_it_is_asked_for_again(other: str, client: Client) -> None:
    """A page from before an upgrade loads what is here, and nobody keeps that for the old one."""
    with closing(client.get(f"/static/{other}{FILES[0]}")) as answer:
        assert (answer.status_code, answer["Cache-Control"]) == (200, "max-age=60, public")


@pytest.mark.parametrize("path", ["/static/{}/nothing.css", "/static/{}/{}/admin/css/base.css"])
def test_a_version_makes_no_file(path: str, client: Client) -> None:
    assert client.get(path.format(version(), version())).status_code == 404


def test_a_page_names_no_file_without_its_version(client: Client) -> None:
    for page in ("/login/", "/admin/login/"):
        text = client.get(page).content.decode()
        named = set(re.findall(r'(?:src|href)="/static/([^/]+)/', text))
        assert named == {version()}


def test_the_icon_that_browsers_ask_for_by_themselves_leads_to_it(client: Client) -> None:
    assert client.get("/favicon.ico")["Location"] == static("operations/favicon.svg")


@pytest.mark.parametrize("other", [[("a", b"bc")], [("ab", b"c")], [("a", b"b"), ("c", b"")]])
def test_another_name_or_content_is_another_version(other: list[tuple[str, bytes]]) -> None:
    assert version_of([("a", b"b")]) != version_of(other)
