import gc
import sys
from argparse import ArgumentParser
from typing import Any

import uvicorn
from django.core.management.base import BaseCommand

STREAMS_END_SECONDS = 2
"""An event stream never ends by itself: what is still open is cut off then."""
SWITCH_SECONDS = 0.0005
"""How long a request's thread keeps Python's lock while the event loop wants it; by default it is
5 ms, each time that the loop, or the thread that looks for `/healthz`, comes back from the system.
Under load that halves their waiting again, and takes nothing from what is answered in a second."""


class Command(BaseCommand):
    help = "Serves the pages and the API: one web process."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="to listen on (127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="to listen on (8000)")

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        from ktrdr_site.asgi import application  # with all that it stands before

        _keep_for_good()
        uvicorn.run(
            application,
            host=host,
            port=port,
            lifespan="off",
            log_config=None,  # the settings' own
            log_level="warning",
            proxy_headers=False,  # `ktrdr_site/doorway/forwarded.py` reads them
            timeout_graceful_shutdown=STREAMS_END_SECONDS,
        )


def _keep_for_good() -> None:
    """What is loaded by now is never garbage. Looked through again with each full collection, it
    kept the event loop waiting for 0.1 to 0.2 s, every second under load."""
    gc.collect()
    gc.freeze()
