"""Users, as Django's admin has them: a password set for somebody may end their tokens, too."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User

from operations.access.account import AdminPasswordForm

if TYPE_CHECKING:
    AnyUserAdmin = UserAdmin[User]
else:
    AnyUserAdmin = UserAdmin

admin.site.unregister(User)


@admin.register(User)
class KtrdrUserAdmin(AnyUserAdmin):
    change_password_form = AdminPasswordForm
    change_user_password_template = "admin/operations/change_password.html"  # noqa: S105  # a file's name
