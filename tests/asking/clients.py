"""Who asks: clients with a token, browsers that are signed in."""

from collections.abc import Callable

from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient


def cookies(user: User) -> dict[str, str]:
    """What the browser of a signed-in user sends."""
    client = Client()
    client.force_login(user)
    return {
        "Accept": "text/event-stream",
        "Cookie": f"sessionid={client.cookies['sessionid'].value}",
    }


Browser = Callable[[User], Client]


ClientFor = Callable[..., APIClient]
