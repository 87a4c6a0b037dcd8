from collections.abc import Iterator

import pytest
from django.db import connection

from operations.bounded.children import Children
from tests.running.servers import Servers


@pytest.fixture(scope="module")
def children(servers: Servers, django_db_setup: None) -> Iterator[Children]:
    """On the test database, as the site's are."""
    children = Children("tests.operations.bounded.works.prepare")
    children.environment["DATABASE_URL"] = servers.database_url(
        str(connection.settings_dict["NAME"])
    )
    yield children
    children.close()
