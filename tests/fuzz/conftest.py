"""A site of its own for each module: hostile requests delete what others look for."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tests.fuzz.scene import Scene, populate
from tests.running.emptying import delete_rows
from tests.running.servers import Servers
from tests.running.web import HOST, Web


def pytest_itemcollected(item: pytest.Item) -> None:
    """Names the endpoint: schemathesis names all alike, and xdist tells tests by their names."""
    if getattr(item, "operation_label", None):
        item._id = item.parent.id.child(item.name)  # type: ignore[attr-defined, union-attr]


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    with django_db_blocker.unblock():
        yield populate()
        delete_rows()


@pytest.fixture(scope="module")
def site(scene: Scene, servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a web process."""
    log = tmp_path_factory.mktemp("fuzz") / "web.log"
    web = Web(servers, log, database=str(connection.settings_dict["NAME"]))
    yield f"http://{HOST}:{web.port}"
    web.stop()
