"""What a child may take, and what is said of one that would take more."""

import socket
from typing import Any

import pytest

from operations.bounded import child
from operations.bounded.children import Children
from operations.bounded.errors import NoAnswer, TookTooLong, TookTooMuchMemory
from operations.bounded.room import Room
from operations.bounded.visit import Visit
from operations.bounded.work import Work
from operations.errors import NotResumable
from operations.models import Process
from operations.upkeep import presence
from tests.operations.bounded import works
from tests.operations.bounded.works import work
from tests.running.stack import wait_until


@pytest.fixture
def room(children: Children) -> Room:
    return Room(children)


def run(room: Room, work: Work, **arguments: Any) -> Any:
    return room.run(work, arguments, user=1, visit=Visit())


def test_its_answer_comes_from_a_process_of_its_own_each_time(room: Room) -> None:
    first = run(room, work(works.echo), say=[1.1, "ü", None])
    assert first["said"] == [1.1, "ü", None]
    assert run(room, work(works.echo), say=0)["pid"] != first["pid"]


def test_what_it_refuses_is_the_same_refusal_here(room: Room) -> None:
    with pytest.raises(NotResumable, match=r"It is not\.") as refused:
        run(room, work(works.refuse))
    assert refused.value.errors == [{"pointer": "#/x", "detail": "y"}]
    assert refused.value.details == {"reason": "It is not."}


def test_one_that_takes_too_long_is_ended_and_its_step_is_told(
    room: Room, children: Children
) -> None:
    with pytest.raises(TookTooLong, match=r"longer than 0\.5 s") as over:
        run(room, work(works.last, seconds=0.5))
    pid = int(over.value.step.removeprefix("sleeping in "))
    wait_until(lambda: pid not in child_pids(children))


@pytest.mark.skipif("sys.platform != 'linux'", reason="memory is bounded on Linux only")
def test_one_that_eats_memory_is_refused_it(room: Room) -> None:
    with pytest.raises(TookTooMuchMemory, match="more than 300 MB") as over:
        run(room, work(works.eat))
    assert over.value.step == "eating"


def test_compiled_code_that_gets_no_memory_aborts_and_is_told_likewise(room: Room) -> None:
    with pytest.raises(TookTooMuchMemory):
        run(room, work(works.abort))


@pytest.mark.parametrize("function", [works.fail, works.vanish])
def test_one_that_breaks_leaves_no_answer(room: Room, function: Any) -> None:
    with pytest.raises(NoAnswer):
        run(room, work(function))


@pytest.mark.django_db(transaction=True)
def test_it_reads_the_database_on_a_connection_of_its_own_and_writes_nothing(room: Room) -> None:
    presence.beat(Process.Kind.WORKER, "seen")
    assert run(room, work(works.read)) == ["seen"]
    with pytest.raises(NoAnswer):
        run(room, work(works.write))
    assert Process.objects.count() == 1


@pytest.mark.skipif("sys.platform != 'linux'", reason="looks at /proc")
def test_it_holds_nothing_of_the_site_open_but_its_own_line(room: Room) -> None:
    opened = run(room, work(works.descriptors))
    assert sum(name.startswith("socket:") for name in opened) == 1


def test_a_parent_that_was_killed_is_started_again(room: Room, children: Children) -> None:
    run(room, work(works.echo), say=0)
    assert children._parent is not None
    children._parent.kill()
    assert run(room, work(works.echo), say=1)["said"] == 1
    children._parent.kill()
    children._parent.wait()
    assert run(room, work(works.echo), say=2)["said"] == 2


def child_pids(children: Children) -> set[int]:
    import psutil

    assert children._parent is not None
    return {child.pid for child in psutil.Process(children._parent.pid).children()}


def test_one_whose_request_has_gone_complains_of_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ours, theirs = socket.socketpair()
    ours.close()
    with theirs:
        order = {"function": work(works.last).function, "arguments": {}}
        assert child._answer(order, theirs) == {"failed": True}
    assert not caplog.records
