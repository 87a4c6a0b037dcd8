"""What a caller may do: reading needs the scope `read`, acting needs `operate`, and the permission.

Whose operation it is is no question of permission: another's is not found (`selectors`).
"""

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.request import Request

from operations.access import permissions
from operations.access.tokens import ApiToken, Scope

if TYPE_CHECKING:  # REST framework imports this module while it makes its APIView
    from rest_framework.views import APIView


def needed_scope(method: str | None, view: "APIView") -> Scope:
    """`READ` for what only reads, by its method or by what its view says of its POST."""
    if method in SAFE_METHODS:
        return Scope.READ
    scope: Scope = getattr(view, "post_scope", Scope.OPERATE)
    return scope


class ScopedPermission(IsAuthenticated):
    """A session may do everything that its user may; a token what its scope says, too.

    A view that acts names the permission that it takes: `permission = Permission.RESUME`. One whose
    POST only reads says so: `post_scope = Scope.READ`. One for staff alone: `staff_only = True`.
    """

    message = "This token may only read. Acting needs one with the scope operate."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Raises `NotPermitted` or `StaffOnly` where it is the user who may not."""
        if not super().has_permission(request, view):
            return False
        needed = needed_scope(request.method, view)
        if isinstance(request.auth, ApiToken) and not request.auth.allows(needed):
            return False
        if getattr(view, "staff_only", False):
            permissions.require_staff(request.user)
        permission = getattr(view, "permission", None)
        if needed is Scope.OPERATE and permission is not None:
            permissions.require(request.user, permission)
        return True
