"""Every endpoint asks for credentials, and refuses methods that it does not describe."""

import pytest
import requests

from tests.asking.api_description import strict_description
from tests.fuzz.scene import Scene
from tests.running.servers import ON_SQLITE

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE")
PATHS = strict_description()["paths"]

pytestmark = [
    pytest.mark.django_db,  # so that there is a database; the web process sees what is committed
    pytest.mark.skipif(ON_SQLITE, reason="a test's transaction locks all of SQLite"),
]


def test_every_endpoint_asks_for_credentials(scene: Scene, site: str) -> None:
    for path, described in PATHS.items():
        for method in described:
            answer = requests.request(method, site + scene.address(path), timeout=60)
            assert answer.status_code == 401, (method, path)
            assert answer.json()["code"] == "not_authenticated"


def test_a_method_that_is_not_described_is_405(scene: Scene, site: str) -> None:
    for path, described in PATHS.items():
        for method in METHODS:
            if method.lower() not in described:
                address = site + scene.address(path)
                answer = requests.request(method, address, headers=scene.headers, timeout=60)
                assert answer.status_code == 405, (method, path)
                assert answer.json()["code"] == "method_not_allowed"
