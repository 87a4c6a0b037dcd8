"""Who asks: clients with a token, browsers that are signed in."""

import re
from collections.abc import Callable

from django.contrib.auth.models import User
from django.http import HttpResponse
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


def key_of_start_again(browser: Client, operation_id: str) -> str:
    """In the button's form on the page for it, which is read."""
    html = browser.get(f"/operations/{operation_id}/restart/").content.decode()
    [key] = re.findall(r'<input type="hidden" name="key" value="([^"]+)">', html)
    return str(key)


def start_again(browser: Client, operation_id: str, *, follow: bool = False) -> HttpResponse:
    """Press the button on the page that shows what is taken over."""
    data = {"key": key_of_start_again(browser, operation_id)}
    return browser.post(f"/operations/{operation_id}/restart/", data, follow=follow)


Browser = Callable[[User], Client]


ClientFor = Callable[..., APIClient]
