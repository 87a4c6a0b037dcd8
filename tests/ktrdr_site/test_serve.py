"""What `manage.py serve` does to its process before it listens."""

import gc
import sys
from typing import Any

import pytest
import uvicorn
from django.core.management import call_command

from ktrdr_site.management.commands.serve import SWITCH_SECONDS


def test_it_serves_what_is_loaded_and_never_looks_through_that_for_garbage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found: dict[str, Any] = {}

    def listen(application: Any, **options: Any) -> None:
        interval = sys.getswitchinterval()
        found.update(options, serves=application, interval=interval, kept=gc.get_freeze_count())

    monkeypatch.setattr(uvicorn, "run", listen)
    usual = sys.getswitchinterval()
    gc.unfreeze()
    try:
        call_command("serve", port=8123)
    finally:
        gc.unfreeze()
        sys.setswitchinterval(usual)
    from ktrdr_site.asgi import application

    assert found["serves"] is application and found["port"] == 8123
    assert found["interval"] == pytest.approx(SWITCH_SECONDS)
    assert found["kept"] > 10_000
