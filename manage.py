#!/usr/bin/env python
"""KTRDR's command line: `python manage.py help` lists what it can do."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from ktrdr_site.local.local_site import prepare
from ktrdr_site.private import keep_new_files_private
from ktrdr_site.terminal import plain_speech

BAD_INPUT = 2
"""The exit code of what was given wrongly, settings included."""


def main() -> None:
    keep_new_files_private()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ktrdr_site.settings")
    try:
        prepare(sys.argv[1:])
        with plain_speech():
            execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(BAD_INPUT)


if __name__ == "__main__":
    main()
