"""What is said of a pooler that the site cannot work with as it is, and how a site uses one."""

import ast
import re
from collections.abc import Callable, Iterator

import pytest
from django.core.checks import CheckMessage
from django.db import connection, connections
from environ import Env

from ktrdr_site import checks
from ktrdr_site.settings import SESSION_LIMITS_MS
from operations.bounded.children import Children
from operations.bounded.errors import NoAnswer
from operations.bounded.room import Room
from operations.bounded.visit import Visit
from tests.operations.bounded import works
from tests.running.pooler import Pooler
from tests.running.servers import ON_SQLITE, Servers
from tests.running.stack import PROJECT

pytestmark = [
    pytest.mark.skipif(ON_SQLITE, reason="about PostgreSQL"),
    pytest.mark.django_db(transaction=True),
]

OF_THE_SITE = "-c lock_timeout=20000"
"""Options, as a connection without KTRDR_DATABASE_POOLER sends them."""
NOT_DURABLE = "ktrdr.E002"
"""As is the PostgreSQL of these tests."""

Checked = Callable[..., list[CheckMessage]]


@pytest.fixture
def pooled(servers: Servers) -> Iterator[Callable[..., Pooler]]:
    made: list[Pooler] = []

    def make(**how: str) -> Pooler:
        made.append(Pooler(servers, **how))
        return made[-1]

    yield make
    for pooler in made:
        pooler.stop()


@pytest.fixture
def checked() -> Checked:
    """What the checks of a site find that reaches its database through this pooler."""

    def check(pooler: Pooler, options: str = "") -> list[CheckMessage]:
        through = connections["default"].copy("pooled")
        leading = Env.db_url_config(pooler.url(str(through.settings_dict["NAME"])))
        given = {**leading["OPTIONS"], **({"options": options} if options else {})}
        through.settings_dict = {**through.settings_dict, **leading, "OPTIONS": given}
        connections["pooled"] = through
        try:
            return list(checks.database_is_durable(databases=["pooled"]))
        finally:
            through.close()
            del connections["pooled"]

    return check


@pytest.fixture
def role() -> Iterator[str]:
    """Of one site alone: what is set for it, no other test meets."""
    with connection.cursor() as cursor:
        cursor.execute('CREATE ROLE "the site" SUPERUSER LOGIN')
        yield "the site"
        cursor.execute('DROP ROLE "the site"')


def ids(found: list[CheckMessage]) -> list[str]:
    return [str(message.id) for message in found]


@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_one_that_takes_no_options_is_named_with_the_setting(
    pooled: Callable[..., Pooler], checked: Checked, mode: str
) -> None:
    found = checked(pooled(mode=mode), OF_THE_SITE)
    assert ids(found) == ["ktrdr.E009"]
    assert "KTRDR_DATABASE_POOLER=true" in str(found[0].hint)


def test_statement_mode_is_refused_by_name(pooled: Callable[..., Pooler], checked: Checked) -> None:
    found = checked(pooled(mode="statement"))
    assert ids(found) == ["ktrdr.E010"]
    assert "statement mode" in found[0].msg and "pool_mode = transaction" in str(found[0].hint)


@pytest.mark.parametrize("mode", ["session", "transaction"])
@pytest.mark.parametrize("options", ["", OF_THE_SITE], ids=["not sent", "dropped"])
def test_limits_that_are_missing_are_set_by_the_lines_that_are_printed(
    pooled: Callable[..., Pooler], checked: Checked, role: str, mode: str, options: str
) -> None:
    def found() -> list[CheckMessage]:
        dropping = "ignore_startup_parameters = options"
        return checked(pooled(mode=mode, role=role, rest=dropping), options)

    assert ids(found()) == [NOT_DURABLE, "ktrdr.W003"]
    hint = str(found()[-1].hint)
    lines = re.findall(r"ALTER ROLE [^;]*;", hint)
    assert len(lines) == len(SESSION_LIMITS_MS)
    with connection.cursor() as cursor:
        for line in lines:
            cursor.execute(line)
    assert ids(found()) == [NOT_DURABLE]


def test_a_child_that_only_reads_leaves_a_session_that_writes(
    pooled: Callable[..., Pooler],
) -> None:
    """One session serves both, one after the other: what the child set for it stayed behind, and
    whatever came next could write nothing."""
    pooler = pooled(mode="transaction", rest="default_pool_size = 1")
    database = str(connection.settings_dict["NAME"])
    children = Children("tests.operations.bounded.works.prepare")
    children.environment["DATABASE_URL"] = pooler.url(database)
    children.environment["KTRDR_DATABASE_POOLER"] = "true"
    try:
        room = Room(children)
        assert room.run(works.work(works.read), {}, user=1, visit=Visit()) == []
        with pytest.raises(NoAnswer):
            room.run(works.work(works.write), {}, user=1, visit=Visit())
    finally:
        children.close()
    with pooler.connect(database) as next_one:
        assert next_one.execute("SHOW default_transaction_read_only").fetchone() == ("off",)


def test_nothing_is_set_for_a_session() -> None:
    """Whoever comes next would have it, too: `SET LOCAL` ends with its transaction."""
    found = [text for text in strings_of_the_code() if re.match(r"SET\s+(?!LOCAL)[a-zA-Z]", text)]
    assert found == []


def strings_of_the_code() -> Iterator[str]:
    for room in ("ktrdr_site", "training", "operations", "checkpoints"):
        for file in (PROJECT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value
