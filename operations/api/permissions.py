"""What a caller may do: reading needs the scope `read`, acting needs `operate`.

Whose operation it is is no question of permission: another's is not found (`selectors`).
"""

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.request import Request

from operations.tokens import ApiToken, Scope

if TYPE_CHECKING:  # REST framework imports this module while it makes its APIView
    from rest_framework.views import APIView


class ScopedPermission(IsAuthenticated):
    """A session may do everything that its user may; a token what its scope says.

    A view whose POST only reads says so: `post_scope = Scope.READ`.
    """

    message = "This token may only read. Acting needs one with the scope operate."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not super().has_permission(request, view):
            return False
        if not isinstance(request.auth, ApiToken):
            return True
        reads = request.method in SAFE_METHODS
        needed = Scope.READ if reads else getattr(view, "post_scope", Scope.OPERATE)
        return request.auth.allows(needed)
