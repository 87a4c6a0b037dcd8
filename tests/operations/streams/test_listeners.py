"""One user has so many streams, and hears nothing more once they have lost their rights."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIRequestFactory

from operations.access import tokens
from operations.access.tokens import ApiToken, Scope
from operations.errors import TooManyStreams
from operations.streams import hub as hubs
from operations.streams.hub import Hub
from operations.streams.listeners import MOST_STREAMS, Listener, Seats
from tests.asking.clients import cookies
from tests.running.stack import wait_until
from tests.running.web import Web

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_stream_too_many_of_a_user_is_429_and_nobody_elses(
    web: Web, staff: User, owner: User
) -> None:
    mine = cookies(staff)
    streams = [web.listen("/stream/", mine) for _ in range(MOST_STREAMS)]
    assert {stream.status for stream in streams} == {200}
    with web.listen("/stream/", mine) as refused:
        assert refused.status == 429
        assert refused.headers["Retry-After"] == "15"
    with web.listen("/stream/", cookies(owner)) as anothers:
        assert anothers.status == 200

    def is_let_in() -> bool:
        with web.listen("/stream/", mine) as stream:
            return stream.status == 200

    streams.pop().close()
    wait_until(is_let_in, 10)
    for stream in streams:
        stream.close()


def test_a_seat_that_nobody_sat_down_on_is_free_again(monkeypatch: pytest.MonkeyPatch) -> None:
    seats = Seats()
    held = [seats.take(1) for _ in range(MOST_STREAMS)]
    with held[0], pytest.raises(TooManyStreams):
        seats.take(1)
    assert seats.take(1), "it was given back at the end of its stream"
    monkeypatch.setattr("operations.streams.listeners.CLAIM_SECONDS", -1.0)
    late = Seats()
    for _ in range(2 * MOST_STREAMS):
        late.take(1)
    with late.take(1):
        assert late.take(1)


def listener_of(user: User, token: ApiToken | None = None) -> Listener:
    request = APIRequestFactory().get("/stream/")
    request.user, request.auth = user, token
    client = Client()
    client.force_login(user)
    request.session = client.session
    return Listener.of(request)


def lock(user: User, token: ApiToken) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def delete(user: User, token: ApiToken) -> None:
    user.delete()


def promote(user: User, token: ApiToken) -> None:
    User.objects.filter(pk=user.pk).update(is_staff=True)


def change_password(user: User, token: ApiToken) -> None:
    user.set_password("another")
    user.save()


def expire(user: User, token: ApiToken) -> None:
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("lose", "by_session", "by_token"),
    [
        (lock, False, False),
        (delete, False, False),
        (promote, False, False),
        (change_password, False, True),
        (expire, True, False),
    ],
)
def test_who_may_no_longer_listen_is_known(
    lose: Callable[[User, ApiToken], None], by_session: bool, by_token: bool, owner: User
) -> None:
    token, _ = tokens.issue(owner, scope=Scope.READ)
    session, program = listener_of(owner), listener_of(owner, token)
    assert session.may_listen() and program.may_listen()
    lose(owner, token)
    assert (session.may_listen(), program.may_listen()) == (by_session, by_token)


def test_the_stream_of_who_lost_their_rights_ends_and_no_other(
    owner: User, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "RIGHTS_SECONDS", 0.0)
    fallen, safe = listener_of(owner), listener_of(staff)

    async def story() -> None:
        hub = Hub()
        with (
            hub.subscribed(lambda operation: True, safe) as kept,
            hub.subscribed(lambda operation: True, fallen) as cut,
        ):
            await cut.next(10)
            assert not cut.is_over
            await hub.read(User.objects.filter(pk=owner.pk).delete)
            async with asyncio.timeout(10):
                while not cut.is_over:
                    await cut.next(1)
            assert not kept.is_over
        while hub._polling is not None:
            await asyncio.sleep(0.01)

    asyncio.run(story())
