from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from operations.admin.read_only import AnyModelAdmin, ReadOnlyAdmin
from operations.models import ApiToken


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Tokens are made on the account page or by `create_token`; deleting revokes one."""

    list_display = ("hint", "user", "name", "scope", "created_at", "expires_at", "last_used_at")
    list_filter = ("scope", ("expires_at", admin.EmptyFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("user__username", "name", "hint__startswith")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return AnyModelAdmin.has_delete_permission(self, request, obj)
