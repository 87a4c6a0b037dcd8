"""`make reference`: writes docs/REFERENCE.md from the code."""

import os

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ktrdr_site.settings")
    django.setup()
    from tests.documentation.reference import REFERENCE, reference

    REFERENCE.write_text(reference())


main()
