"""What a site takes its machine, or its container, to have."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from ktrdr_site import machine
from ktrdr_site.environment import env_megabytes


@pytest.mark.parametrize(
    ("content", "expected"), [("500000000\n", 500), ("max\n", None), (None, None)]
)
def test_a_container_has_what_it_is_limited_to(
    content: str | None, expected: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "CONTAINER_LIMITS", ())
    whole = machine.memory_mb()
    limit = tmp_path / "memory.max"
    if content is not None:
        limit.write_text(content)
    monkeypatch.setattr(machine, "CONTAINER_LIMITS", (limit,))

    assert machine.memory_mb() == (expected or whole)


@pytest.mark.parametrize(("text", "expected"), [("", 7), ("0", 0), ("None", 0), ("2000", 2000)])
def test_no_limit_has_two_names(text: str, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMIT_MB", text)

    assert env_megabytes("LIMIT_MB", 7) == expected


@pytest.mark.parametrize("text", ["-1", "2 GB", "1.5"])
def test_what_is_no_number_of_megabytes_is_refused(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIMIT_MB", text)

    with pytest.raises(ImproperlyConfigured, match=r"LIMIT_MB=.*0 or none for no limit"):
        env_megabytes("LIMIT_MB", 7)
