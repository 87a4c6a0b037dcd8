"""What a browser is told: where a page may load from, and that this site is HTTPS only."""

import os
import re
import subprocess
import sys

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.running.servers import Servers
from tests.running.stack import PROJECT

PAGES = ("/admin/login/", "/admin/", "/api/v1/operations", "/nothing/here")


def django_process(servers: Servers, *arguments: str, **environment: str) -> str:
    """What a process with the settings of a deployment prints."""
    production = {**servers.environment(), **environment}
    del production["SECURE_SSL_REDIRECT"]
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    ended = subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env={**kept, "DJANGO_SETTINGS_MODULE": "ktrdr_site.settings", **production},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout + ended.stderr


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_every_answer_lets_a_page_load_our_own_files_only(path: str, client: Client) -> None:
    client.force_login(User.objects.create_superuser("admin"))
    policy = client.get(path)["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_djangos_deployment_check_finds_nothing_in_production(servers: Servers) -> None:
    """Its warnings count, too; that of an old Python is this machine's, not the settings'."""
    found = django_process(
        servers, "manage.py", "check", "--deploy", KTRDR_TRUSTED_PROXIES="10.0.0.7"
    )
    assert set(re.findall(r"\((\w+\.\w+)\)", found)) <= {"ktrdr.W004"}


def test_a_deployment_marks_its_cookies_and_itself_as_https_only(servers: Servers) -> None:
    ask = (
        "import django; django.setup(); from django.test import Client; "
        "answer = Client().get('/admin/login/', secure=True); "
        "print(answer['Strict-Transport-Security'], answer.cookies)"
    )
    answered = django_process(servers, "-c", ask)
    assert "max-age=31536000; includeSubDomains" in answered
    assert "Secure" in answered
