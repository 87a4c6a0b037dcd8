"""Random and hostile input over the whole schema: no 5xx, every answer as described.

The requests go to a real web process. `FUZZ_SEED` repeats a run; `make fuzz` asks for more.
"""

import os
import random
from collections.abc import Iterator
from typing import Any
from zlib import crc32

import hypothesis
import pytest
import requests
import schemathesis
from django.core.management import call_command
from django.db import connection
from schemathesis.checks import CHECKS, load_all_checks, not_a_server_error

from tests.asking.api_description import strict_description
from tests.fuzz.scene import Scene, populate
from tests.running.servers import ON_SQLITE, Servers
from tests.running.web import HOST, Web

SEED = int(os.environ.get("FUZZ_SEED") or random.SystemRandom().randrange(2**32))
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES") or 5)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE")

pytestmark = [
    pytest.mark.django_db,  # so that there is a database; the web process sees what is committed
    pytest.mark.skipif(ON_SQLITE, reason="a test's transaction locks all of SQLite"),
]

load_all_checks()
HELD = [
    not_a_server_error,
    *CHECKS.get_by_names(
        [
            "status_code_conformance",
            "content_type_conformance",
            "response_headers_conformance",
            "response_schema_conformance",
        ]
    ),
]

schema = schemathesis.openapi.from_dict(strict_description())
schema.config.seed = SEED
schema.config.phases.coverage.unexpected_methods = set()  # one test asks them all


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    with django_db_blocker.unblock():
        yield populate()
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(scope="module")
def site(scene: Scene, servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a web process."""
    log = tmp_path_factory.mktemp("fuzz") / "web.log"
    web = Web(servers, log, database=str(connection.settings_dict["NAME"]))
    yield f"http://{HOST}:{web.port}"
    web.stop()


def test_every_endpoint_asks_for_credentials(scene: Scene, site: str) -> None:
    for path, described in schema.raw_schema["paths"].items():
        for method in described:
            answer = requests.request(method, site + scene.address(path), timeout=60)
            assert answer.status_code == 401, (method, path)
            assert answer.json()["code"] == "not_authenticated"


def test_a_method_that_is_not_described_is_405(scene: Scene, site: str) -> None:
    for path, described in schema.raw_schema["paths"].items():
        for method in METHODS:
            if method.lower() not in described:
                address = site + scene.address(path)
                answer = requests.request(method, address, headers=scene.headers, timeout=60)
                assert answer.status_code == 405, (method, path)
                assert answer.json()["code"] == "method_not_allowed"


@schema.parametrize()
@hypothesis.settings(max_examples=EXAMPLES)
def test_no_request_breaks_the_site_or_gets_an_undescribed_answer(
    case: schemathesis.Case, scene: Scene, site: str
) -> None:
    hypothesis.note(f"FUZZ_SEED={SEED} repeats this")
    case.path_parameters = scene.path_parameters(case.path_parameters or {}, _number_of(case))
    case.call_and_validate(base_url=site, headers=scene.headers, checks=HELD)


def _number_of(case: schemathesis.Case) -> int:
    """The same for the same request, in every run."""
    return crc32(repr((case.path_parameters, case.query, case.body)).encode(errors="replace"))
