import os
import warnings

from django.core.asgi import get_asgi_application

from ktrdr_site.in_turn import Application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ktrdr_site.settings")

# WhiteNoise reads static files synchronously: from memory or disk, and only for the admin.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")


def _site() -> Application:
    """From the inside to the outside."""
    django = get_asgi_application()
    # What they import needs the applications that Django has loaded by now.
    from ktrdr_site.doorway.entrance import Entrance
    from ktrdr_site.doorway.root_path import UnderRoot
    from ktrdr_site.in_turn import InTurn

    return Entrance(InTurn(UnderRoot(django)))


application = _site()
