"""What is true of every operation at every moment, whatever happened to it."""

from operations.models import Attempt, Event, EventType, Operation

TERMINAL_EVENTS = (EventType.COMPLETED, EventType.FAILED, EventType.CANCELLED)
ENDS_OF_AN_ATTEMPT = (
    *(*TERMINAL_EVENTS, EventType.INTERRUPTED, EventType.WORKER_LOST),
    *(EventType.WAITING, EventType.HELD),
)


def assert_whole(operation_id: str) -> list[Event]:
    """Numbers without gaps, one live attempt at most, and one end of each attempt.

    Returns the events, in order.
    """
    operation = Operation.objects.get(pk=operation_id)
    events = list(Event.objects.filter(operation=operation).order_by("number"))
    attempts = list(Attempt.objects.filter(operation=operation).order_by("number"))

    assert [event.number for event in events] == list(range(1, operation.last_event + 1))
    assert [attempt.number for attempt in attempts] == list(range(1, operation.attempt + 1))
    assert all(attempt.ended_at for attempt in attempts[:-1])
    assert (attempts[-1].ended_at is None) == operation.is_live

    for attempt in attempts:
        of_attempt = [event.event_type for event in events if event.attempt == attempt.number]
        ends = [event_type for event_type in of_attempt if event_type in ENDS_OF_AN_ATTEMPT]
        assert len(ends) == (1 if attempt.ended_at else 0), f"{attempt}: {of_attempt}"
        claims = of_attempt.count(EventType.CLAIMED)
        assert claims == (1 if attempt.claimed_at else 0), f"{attempt}: {of_attempt}"
        assert bool(attempt.ended_at) == bool(attempt.outcome)
    return events
