import os
import warnings

from django.core.asgi import get_asgi_application

from ktrdr_site.in_turn import InTurn

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ktrdr_site.settings")

# WhiteNoise reads static files synchronously: from memory or disk, and only for the admin.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")

application = InTurn(get_asgi_application())
