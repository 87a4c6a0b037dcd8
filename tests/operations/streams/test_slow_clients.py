"""What waits for a client that reads slowly is bounded; what it missed it is told to fetch."""

import asyncio

from operations.streams.hub import MAX_WAITING, RELOAD, Subscription
from operations.streams.listeners import Listener

SOMEBODY = Listener(user_id=1, is_staff=False, token_id=None, session_key=None)


def waiting(subscription: Subscription) -> bytes:
    return asyncio.run(subscription.next(timeout_seconds=0.01))


def test_of_one_kind_only_the_newest_waits() -> None:
    subscription = Subscription(lambda operation: True, SOMEBODY)
    for number in range(10):
        subscription.put("operation-1", b"%d" % number)
    assert waiting(subscription) == b"9"
    assert waiting(subscription) == b""


def test_who_is_too_far_behind_reads_everything_anew() -> None:
    subscription = Subscription(lambda operation: True, SOMEBODY)
    for number in range(MAX_WAITING + 1):
        subscription.put(f"operation-{number}", b"changed")
    assert waiting(subscription) == RELOAD + b"changed"


def test_many_changes_of_what_waits_already_overflow_nothing() -> None:
    subscription = Subscription(lambda operation: True, SOMEBODY)
    for number in range(MAX_WAITING):
        subscription.put(f"operation-{number}", b"old;")
    subscription.put("operation-0", b"new;")
    told = waiting(subscription)
    assert told.count(b";") == MAX_WAITING and told.startswith(b"new;")
