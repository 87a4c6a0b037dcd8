"""What a site on one's own machine needs before the settings can be read."""

import os
import secrets
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent


def data_directory() -> Path:
    return Path(os.environ.get("KTRDR_DATA_DIR") or BASE_DIR / "var").absolute()


def secret_key_file() -> Path:
    return data_directory() / "secret_key"


def prepare_up() -> None:
    """Without SECRET_KEY in the environment the site keeps one of its own, for this user alone."""
    if os.environ.get("SECRET_KEY") or secret_key_file().is_file():
        return
    secret_key_file().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Written aside and linked: whoever starts at the same time reads a whole key, and the same one.
    draft = secret_key_file().with_name(f"secret_key.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(50) + "\n")
    try:
        os.link(draft, secret_key_file())
    except FileExistsError:
        return
    finally:
        draft.unlink()


PREPARATIONS = {"up": prepare_up}
"""By command: manage.py runs these before Django reads the settings."""
