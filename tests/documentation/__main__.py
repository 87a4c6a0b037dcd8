"""`make reference`: writes docs/REFERENCE.md and the table of docs/ARCHITECTURE.md."""

import os

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ktrdr_site.settings")
    django.setup()
    from tests.documentation import transitions
    from tests.documentation.reference import ARCHITECTURE, REFERENCE, reference

    REFERENCE.write_text(reference())
    ARCHITECTURE.write_text(transitions.written_into(ARCHITECTURE.read_text()))


main()
