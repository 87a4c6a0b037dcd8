"""The site in a process that collects no garbage: what is not closed stays open."""

import gc

from ktrdr_site.asgi import application as application

gc.disable()
