"""What uploads cost the web process: no memory that grows with them."""

import os
import threading
from pathlib import Path

import psutil
import pytest
from django.contrib.auth.models import User
from django.db import connection

from tests.running.servers import Servers
from tests.running.web import Web
from tests.training.uploads.test_uploading import MEGABYTE, Client

SIZE_MB = int(os.environ.get("UPLOAD_SIZE_MB", "30"))
"""Of each of three; `make nightly` sends 200 MB."""
MOST_GROWTH_MB = 50


def sent_by(client: Client, number: int, statuses: dict[int, int]) -> None:
    pieces = iter([bytes(MEGABYTE)] * SIZE_MB)
    statuses[number] = client.ask("POST", "/api/v1/uploads", pieces)[0]


@pytest.mark.skipif("sys.platform != 'linux'", reason="its memory is told by /proc")
@pytest.mark.django_db(transaction=True)
def test_three_users_who_send_large_files_at_once_let_the_web_process_grow_little(
    servers: Servers, django_db_setup: None, tmp_path: Path
) -> None:
    name = str(connection.settings_dict["NAME"])
    web = Web(servers, tmp_path / "log", database=name, KTRDR_DATA_DIR=str(tmp_path))
    clients = [Client(web, User.objects.create_user(f"user {number}")) for number in range(3)]
    for client in clients:  # what any first request loads is no upload's
        client.ask("DELETE", client.send(b"x" * MEGABYTE))
    before, statuses, most = psutil.Process(web.pid).memory_info().rss, {}, 0
    threads = [
        threading.Thread(target=sent_by, args=(client, number, statuses))
        for number, client in enumerate(clients)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        most = max(most, psutil.Process(web.pid).memory_info().rss)
        threads[0].join(0.02)
    web.stop()
    assert list(statuses.values()) == [201] * 3
    sizes = [path.stat().st_size for path in tmp_path.glob("uploads/*/content/upload")]
    assert sizes == [SIZE_MB * MEGABYTE] * 3
    print(f"grew by {(most - before) / MEGABYTE:.1f} MB for 3 x {SIZE_MB} MB")
    assert most - before < MOST_GROWTH_MB * MEGABYTE
