"""`make reference`: docs/REFERENCE.md, docs/SETTINGS.md, tables of DATA.md and ARCHITECTURE.md.

And what TAB completes after `ktrdr`."""

import os

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ktrdr_site.settings")
    django.setup()
    from tests.documentation import arguments, data, transitions
    from tests.documentation.reference import ARCHITECTURE, REFERENCE, reference
    from tests.documentation.settings_page import SETTINGS, settings_page

    arguments.write()
    REFERENCE.write_text(reference())
    SETTINGS.write_text(settings_page())
    data.PAGE.write_text(data.written_into(data.PAGE.read_text()))
    ARCHITECTURE.write_text(transitions.written_into(ARCHITECTURE.read_text()))


main()
