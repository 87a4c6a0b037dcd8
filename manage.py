#!/usr/bin/env python
"""KTRDR's command line: `python manage.py help` lists what it can do."""

import sys
from functools import partial

from django.core.management import execute_from_command_line

from ktrdr_site.command.running import run


def main() -> None:
    run(sys.argv[1:], partial(execute_from_command_line, sys.argv))


if __name__ == "__main__":
    main()
