"""What was looked at outside of the transaction is looked at again by what is written in it."""

import pytest
from django.db import transaction

from operations import lifecycle
from operations.cancel import cancel_operation
from operations.errors import NotResumable
from operations.models import Operation, Status
from operations.resume import prepare_resume, resume_operation, resume_prepared
from operations.writing import Outdated, write_prepared
from tests.operations import scenes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type", "redis_down")]


def test_a_resume_of_what_went_on_and_stopped_again_is_looked_at_anew() -> None:
    """By its status alone it could be resumed as what it was before."""
    operation = scenes.cancelled(1)
    earlier = prepare_resume(operation.pk)
    resume_operation(operation.pk)
    assert cancel_operation(operation.pk).status == Status.CANCELLED
    before = scenes.rows(operation)
    with pytest.raises(Outdated), transaction.atomic():
        resume_prepared(earlier)
    assert scenes.rows(operation) == before


def test_what_is_outdated_is_prepared_again_and_may_be_refused() -> None:
    operation = scenes.cancelled(1)
    looks: list[int] = []

    def prepare() -> object:
        looks.append(1)
        prepared = prepare_resume(operation.pk)
        if len(looks) == 1:  # somebody else is faster
            resume_operation(operation.pk)
        return prepared

    with pytest.raises(NotResumable, match="already running"):
        write_prepared(prepare, resume_prepared)  # type: ignore[arg-type]
    assert len(looks) == 2
    assert scenes.reread(operation).attempt == 2


def test_an_operation_is_held_as_long_as_it_is_as_it_was_read() -> None:
    stopped, waiting = scenes.cancelled(1), scenes.pending()
    read = [Operation.objects.get(pk=it.pk) for it in (stopped, waiting)]
    with transaction.atomic():
        assert [lifecycle.keep(it) for it in read] == [True, True]
    resume_operation(stopped.pk)
    scenes.claim(waiting)
    with transaction.atomic():
        assert [lifecycle.keep(it) for it in read] == [False, False]
