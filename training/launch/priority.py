"""Which training goes first, and who may say so. Free of torch."""

from django.contrib.auth.models import AbstractBaseUser

from operations.access import permissions
from operations.access.permissions import Permission
from training.errors import PriorityNotPermitted
from training.launch.request import TrainingRequest

QUEUE_BY_PRIORITY = {"high": "training-high", "normal": "training", "low": "training-low"}
"""A worker takes from the first of these that has something."""
HIGH, NORMAL = "high", "normal"


def require_priority(priority: str, owner: AbstractBaseUser | None) -> None:
    """Raises `PriorityNotPermitted`. What belongs to nobody was started in a shell of the site."""
    if not _may_have(priority, owner):
        raise PriorityNotPermitted(priority=priority, permission=Permission.GO_FIRST.value)


def inheriting(request: TrainingRequest, owner: AbstractBaseUser | None) -> TrainingRequest:
    """A parent's priority where the child's owner may have it, else normal.

    A refusal would leave no way to go on with what was started while its owner still might.
    """
    if _may_have(request.priority, owner):
        return request
    return request.model_copy(update={"priority": NORMAL})


def _may_have(priority: str, owner: AbstractBaseUser | None) -> bool:
    return priority != HIGH or owner is None or permissions.may(owner, Permission.GO_FIRST)
