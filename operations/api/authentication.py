"""Who asks: `Authorization: Bearer <token>` (RFC 6750)."""

from django.contrib.auth.models import AbstractBaseUser
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from operations.access import rates, tokens
from operations.access.addresses import address_of
from operations.access.rates import Rate
from operations.access.tokens import ApiToken


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, ApiToken] | None:
        scheme, _, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = tokens.find_valid(secret.strip().decode("latin-1"))
        if token is None:
            # Only bad tokens are counted and refused: whoever shares the address is not hindered.
            if wait := rates.take(Rate.FAILED_LOGINS, address_of(request)):
                raise Throttled(wait)
            raise AuthenticationFailed("This token is unknown, has expired, or its user is locked.")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="ktrdr"'
