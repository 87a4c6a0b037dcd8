"""GET schema and docs: the committed description, and a page that needs nobody else to show it."""

import json
import re

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.test import Client
from rest_framework.test import APIClient

from ktrdr_site.static_files import version

SCHEMA, DOCS = "/api/v1/schema", "/api/v1/docs"


def test_the_schema_is_the_committed_document_with_an_etag(api: APIClient) -> None:
    answer = api.get(SCHEMA)
    assert answer["Content-Type"] == "application/json"
    assert answer.json() == json.loads(settings.API_DESCRIPTION.read_text())
    assert api.get(SCHEMA, headers={"if-none-match": answer["ETag"]}).status_code == 304


def test_the_schema_needs_credentials_and_the_page_a_login(db: None) -> None:
    assert APIClient().get(SCHEMA).status_code == 401
    page = Client().get(DOCS)
    assert (page.status_code, page["Location"].endswith(f"?next={DOCS}")) == (302, True)


def test_the_page_loads_only_this_sites_files_and_has_nothing_inline(owner: User) -> None:
    page = page_of(owner)
    loaded = re.findall(r'(?:src|href|name="(?:script|module)" content)="([^"]*)"', page)
    assert all(address.startswith(("/", "#")) for address in loaded)
    prefix = f"{settings.STATIC_URL}{version()}/"
    static = [address for address in loaded if address.startswith(settings.STATIC_URL)]
    files = {address.partition("#")[0] for address in static}
    assert any(file.endswith("swagger-ui-bundle.js") for file in files)
    assert all(finders.find(name.removeprefix(prefix)) for name in files)
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=|javascript:", page) == []


def test_the_page_names_the_schema_and_a_token_against_forged_requests(owner: User) -> None:
    page = page_of(owner)
    assert f'data-schema="{SCHEMA}"' in page
    assert re.search(r'data-csrf-token="\w{64}"', page)


def page_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.get(DOCS).content.decode()
