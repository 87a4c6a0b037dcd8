"""How many requests a user may make: 429 with `Retry-After` beyond that."""

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from operations.access import rates
from operations.access.tokens import Scope
from operations.api.permissions import needed_scope

if TYPE_CHECKING:  # REST framework imports this module while it makes its APIView
    from rest_framework.views import APIView


class UserRate(BaseThrottle):
    """Every request counts; one that acts counts among the actions, too."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        acts = needed_scope(request.method, view) is Scope.OPERATE
        self._wait = rates.take_request(request.user.pk, acts=acts)
        return self._wait is None

    def wait(self) -> float | None:
        return self._wait
