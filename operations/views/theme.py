"""The theme that a reader has chosen, told by a cookie that `dashboard.js` sets."""

from django.http import HttpRequest

COOKIE = "theme"
THEMES = ("light", "dark")


def chosen(request: HttpRequest | None) -> str:
    """Empty where none was: then it is the system's. A page of an error may have no request."""
    told = request.COOKIES.get(COOKIE, "") if request else ""
    return told if told in THEMES else ""
