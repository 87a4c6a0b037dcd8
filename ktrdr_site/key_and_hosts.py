"""The secret key and the host names of this site, each refused where it would protect nobody."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from ktrdr_site.environment import env_list, given

LEAST_CHARACTERS = 32
"""Of a secret key: half of what `make up` writes."""

HOW_TO_MAKE_ONE = "python3 -c 'import secrets; print(secrets.token_urlsafe(50))' prints one"
DEBUGGING_KEY = "insecure-and-for-debugging-only"


def secret_key(file: Path, *, debug: bool) -> str:
    """SECRET_KEY, or what `file` holds, the key of a site on one's own machine.

    Raises ImproperlyConfigured for none, and for a short one.
    """
    if key := given("SECRET_KEY"):
        remedy = f"give it a longer one ({HOW_TO_MAKE_ONE})"
        return _of_enough_characters(key, debug, "SECRET_KEY", remedy)
    if file.is_file():
        remedy = "delete the file, and `make up` writes another one"
        return _of_enough_characters(file.read_text().strip(), debug, f"The key in {file}", remedy)
    if debug:
        return DEBUGGING_KEY
    raise ImproperlyConfigured(
        f"SECRET_KEY is not set: give it 50 or more random characters ({HOW_TO_MAKE_ONE}), or run "
        "`make up` once, which writes one for a site on this machine."
    )


def _of_enough_characters(key: str, debug: bool, name: str, remedy: str) -> str:
    if len(key) < LEAST_CHARACTERS and not debug:
        raise ImproperlyConfigured(
            f"{name} has {len(key)} characters, and {LEAST_CHARACTERS} random ones are the least "
            f"that keep sessions and tokens from being forged: {remedy}."
        )
    return key


def allowed_hosts(*, is_local: bool, debug: bool) -> list[str]:
    """ALLOWED_HOSTS; without one those of this machine, where nobody else comes."""
    hosts = env_list("ALLOWED_HOSTS")
    if "*" in hosts and not debug:
        raise ImproperlyConfigured(
            "ALLOWED_HOSTS=* would let whoever sends a request choose the host in our links: name "
            "the hosts that people type, separated by commas (.example.org stands for all below "
            "it)."
        )
    if not hosts and not (is_local or debug):
        raise ImproperlyConfigured(
            "ALLOWED_HOSTS is not set: it accepts host names, separated by commas."
        )
    return hosts or ["localhost", "127.0.0.1", "[::1]"]
