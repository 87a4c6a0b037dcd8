"""Pages that are asked for are compressed, and nothing else is."""

import gzip
from contextlib import closing

import pytest
from django.contrib.auth.models import User
from django.test import Client

pytestmark = pytest.mark.django_db

GZIP = {"Accept-Encoding": "gzip, br"}


@pytest.fixture
def signed_in(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ann"))
    return client


@pytest.mark.parametrize("path", ["/operations/", "/account/", "/admin/", "/start/"])
def test_a_page_that_is_asked_for_is_compressed(path: str, signed_in: Client) -> None:
    plain, packed = signed_in.get(path), signed_in.get(path, headers=GZIP)
    assert packed["Content-Encoding"] == "gzip"
    assert not plain.has_header("Content-Encoding")
    assert "Accept-Encoding" in plain["Vary"] and "Accept-Encoding" in packed["Vary"]
    assert len(packed.content) < len(plain.content) / 2
    assert gzip.decompress(packed.content).startswith(b"<!")


def test_two_answers_with_the_same_page_have_no_length_that_tells(signed_in: Client) -> None:
    """Beside the token, which is masked anew: a random length, against BREACH."""
    lengths = {len(signed_in.get("/account/", headers=GZIP).content) for _ in range(20)}
    assert len(lengths) > 1


def test_what_shows_a_secret_or_what_was_typed_is_not(signed_in: Client) -> None:
    form = {"name": "laptop", "scope": "read", "days": "30"}
    made = signed_in.post("/account/tokens/", form, headers=GZIP)
    assert "Your new token" in made.content.decode()
    assert not made.has_header("Content-Encoding")


@pytest.mark.parametrize("path", ["/api/v1/operations", "/static/operations/dashboard.css"])
def test_what_is_no_page_is_not(path: str, signed_in: Client) -> None:
    with closing(signed_in.get(path, headers=GZIP)) as answer:
        assert answer.status_code == 200
        assert not answer.has_header("Content-Encoding")
