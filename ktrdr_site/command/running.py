"""What `manage.py` and `ktrdr` do around every command."""

import os
import sys
from collections.abc import Callable, Sequence

from django.core.exceptions import ImproperlyConfigured

from ktrdr_site.local.local_site import prepare
from ktrdr_site.private import keep_new_files_private
from ktrdr_site.terminal import plain_speech

BAD_INPUT = 2
"""The exit code of what was given wrongly, settings included."""


def run(arguments: Sequence[str], execute: Callable[[], None]) -> None:
    """`arguments` are those of `manage.py`, its command first."""
    keep_new_files_private()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ktrdr_site.settings")
    try:
        prepare(arguments)
        with plain_speech():
            execute()
    except ImproperlyConfigured as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(BAD_INPUT)
