"""What the admin's pages have in common: they show, and large tables cost them no full count."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse

from operations.access import permissions
from operations.access.permissions import Permission
from operations.errors import DomainError

if TYPE_CHECKING:
    AnyModelAdmin = admin.ModelAdmin[Any]
    AnyTabularInline = admin.TabularInline[Any, Any]
    AnyPaginator = Paginator[Any]
    AnyInlineFormSet = BaseInlineFormSet[Any, Any, Any]
else:
    AnyModelAdmin, AnyTabularInline = admin.ModelAdmin, admin.TabularInline
    AnyPaginator, AnyInlineFormSet = Paginator, BaseInlineFormSet

M = TypeVar("M", bound=Model)

COUNT_AT_MOST = 10_000
"""Rows that a list counts, and so lets one page through; beyond them one searches."""
MAX_INLINE_ROWS = 100
MAX_AT_ONCE = 200
"""Rows that an action takes: each one is told of in a message."""


class BoundedPaginator(AnyPaginator):
    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        return rows[:COUNT_AT_MOST].count()


class ReadOnlyAdmin(AnyModelAdmin):
    show_full_result_count = False
    paginator = BoundedPaginator
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # Django asks these of an action by the names in its `permissions`.

    def has_resume_permission(self, request: HttpRequest) -> bool:
        return permissions.may(request.user, Permission.RESUME)

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return permissions.may(request.user, Permission.CANCEL)

    def has_manage_checkpoints_permission(self, request: HttpRequest) -> bool:
        return permissions.may(request.user, Permission.MANAGE_CHECKPOINTS)


def operation_page(operation_id: str) -> str:
    """Its address on the dashboard: where "View on site" leads."""
    return reverse("operation", args=[operation_id])


class NewestRows(AnyInlineFormSet):
    """No more of a history than a page can hold; its own list has all of it."""

    @cached_property
    def _newest(self) -> QuerySet[Any]:
        return super().get_queryset().reverse()[:MAX_INLINE_ROWS]

    def get_queryset(self) -> QuerySet[Any]:
        return self._newest


class ReadOnlyInline(AnyTabularInline):
    formset = NewestRows
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def act_on_each(
    model_admin: AnyModelAdmin,
    request: HttpRequest,
    rows: Iterable[M],
    act: Callable[[M], tuple[int, str]],
) -> None:
    """Say for every row what happened, or why not. `act` returns a message's level and words."""
    chosen = list(rows)
    if len(chosen) > MAX_AT_ONCE:
        words = f"{len(chosen)} are too many at once: select {MAX_AT_ONCE} at most."
        model_admin.message_user(request, words, messages.ERROR)
        return
    for row in chosen:
        try:
            level, words = act(row)
        except DomainError as error:
            level, words = messages.ERROR, str(error)
        model_admin.message_user(request, words, level)
