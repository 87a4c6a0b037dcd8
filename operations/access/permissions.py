"""Who may do what: the one home of the rule, for the API, the admin and the dashboard alike.

Whether a user may do such a thing at all is a Django permission, asked here. Whose operation it is
is another question: one that a user may not see is not there (`selectors.get_visible`). A token
narrows what its user may to its scope. Commands ask nobody: who can run them owns the site; but
what goes before everybody else's is asked of the `--user` whose it will be.

Every new user joins the group `Operators`, which has all of these permissions except for that one;
so they may act on their own operations until an administrator takes them out of it, or takes a
permission from it.
"""

import logging
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from django.contrib.auth import models as auth
from django.db.models import Model

from operations.errors import NotPermitted, StaffOnly

logger = logging.getLogger(__name__)

OPERATORS = "Operators"
"""The group's name. Deleted, it comes back with the next new user."""


class Permission(StrEnum):
    """As `user.has_perm` and the admin know them."""

    START = "operations.start_operation"
    """From nothing, or from an older one: restart, extend, fork. And to tag and note one."""
    RESUME = "operations.resume_operation"
    CANCEL = "operations.cancel_operation"
    MANAGE_CHECKPOINTS = "operations.manage_checkpoints"
    """Verify, delete and prune; reading them needs no permission."""
    GO_FIRST = "operations.start_with_high_priority"
    """Before what everybody else waits for."""
    ADD_DATA = "training.add_marketdata"
    """Send files of prices and import them. Django makes this permission, and the next."""
    DELETE_DATA = "training.delete_marketdata"
    """Take bars away: replace them, undo an import, forget a series."""

    @property
    def codename(self) -> str:
        return self.value.partition(".")[2]


MODEL_PERMISSIONS = (
    (Permission.START.codename, "Can start operations"),
    (Permission.RESUME.codename, "Can resume operations"),
    (Permission.CANCEL.codename, "Can cancel operations"),
    (Permission.MANAGE_CHECKPOINTS.codename, "Can verify, delete and prune checkpoints"),
    (Permission.GO_FIRST.codename, "Can start operations with priority high"),
)
"""The permissions of the model `Operation`."""

OF_OPERATORS = tuple(
    permission for permission in Permission if permission is not Permission.GO_FIRST
)
"""What the group has when it is made."""


def may(user: auth.AbstractBaseUser | auth.AnonymousUser, permission: Permission) -> bool:
    """Whether they may at all. False for a locked user, and for nobody."""
    has_perm: Any = getattr(user, "has_perm", None)
    return bool(has_perm and has_perm(permission))


def require(user: auth.AbstractBaseUser | auth.AnonymousUser, permission: Permission) -> None:
    """Raises `NotPermitted`."""
    if not may(user, permission):
        logger.warning("refused: %s to %s, who lacks it", permission.value, user)
        raise NotPermitted(permission=permission.value)


def require_all(
    user: auth.AbstractBaseUser | auth.AnonymousUser, needed: Iterable[Permission]
) -> None:
    """Raises `NotPermitted` of the first that they lack."""
    for permission in needed:
        require(user, permission)


def require_staff(user: auth.AbstractBaseUser | auth.AnonymousUser) -> None:
    """For what concerns everybody's operations at once. Raises `StaffOnly`."""
    if not getattr(user, "is_staff", False):
        logger.warning("refused: what is for staff to %s", user)
        raise StaffOnly


def operators() -> auth.Group:
    """The group of those who may act; made, with its permissions, where there is none."""
    group, is_new = auth.Group.objects.get_or_create(name=OPERATORS)
    if is_new:
        codenames = [permission.codename for permission in OF_OPERATORS]
        rows = auth.Permission.objects.filter(codename__in=codenames)
        group.permissions.set(rows.filter(content_type__app_label__in=("operations", "training")))
    return group


def welcome(sender: type[Model], instance: auth.User, **saved: Any) -> None:
    """After a user is saved: a new one joins the operators. What a fixture loads is left as is."""
    if saved["created"] and not saved["raw"]:
        instance.groups.add(operators())
