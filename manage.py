#!/usr/bin/env python
"""KTRDR's command line: `python manage.py help` lists what it can do."""

import os
import sys

from django.core.management import execute_from_command_line

from ktrdr_site.local.local_site import PREPARATIONS


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ktrdr_site.settings")
    if prepare := PREPARATIONS.get(sys.argv[1] if len(sys.argv) > 1 else ""):
        prepare()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
