"""Why a button is disabled: in the words in which the action itself would be refused."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from operations.access import permissions
from operations.access.permissions import Permission
from operations.errors import NotPermitted


@dataclass(frozen=True, kw_only=True)
class Refusals:
    """Each empty where the user may."""

    start: str
    resume: str
    cancel: str
    checkpoints: str


def refusals(user: AbstractBaseUser | AnonymousUser) -> Refusals:
    return Refusals(
        start=_refusal(user, Permission.START),
        resume=_refusal(user, Permission.RESUME),
        cancel=_refusal(user, Permission.CANCEL),
        checkpoints=_refusal(user, Permission.MANAGE_CHECKPOINTS),
    )


def _refusal(user: AbstractBaseUser | AnonymousUser, permission: Permission) -> str:
    if permissions.may(user, permission):
        return ""
    return str(NotPermitted(permission=permission.value))
