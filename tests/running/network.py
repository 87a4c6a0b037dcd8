"""Machines of a test: network namespaces that reach its servers through a hub, and nothing else.

The servers keep their Unix sockets. In the hub, one forwarder listens on TCP for each of them; the
S3 server runs there itself.
"""

import os
import select
import socket
import subprocess
import sys
import threading
from pathlib import Path

HUB = "10.77.0.1"
DATABASE_PORT, VALKEY_PORT, S3_PORT = 5432, 6379, 9000


class NotPermitted(Exception):
    """This user may make no network namespaces, and why."""


class Network:
    """`machines` named namespaces on one bridge in the hub; everything goes with `close`."""

    def __init__(self, machines: tuple[str, ...]) -> None:
        self._prefix = f"ktrdr{os.getpid()}"
        self._names = [self.name("hub"), *(self.name(machine) for machine in machines)]
        try:
            for name in self._names:
                _ip("netns", "add", name)
                _ip("-n", name, "link", "set", "lo", "up")
            self._bridge()
            for number, machine in enumerate(machines, 2):
                self._connect(machine, f"10.77.0.{number}")
        except NotPermitted:
            self.close()
            raise

    def name(self, machine: str) -> str:
        return f"{self._prefix}{machine}"

    def prefix(self, machine: str) -> list[str]:
        """What a command begins with that is to run on this machine."""
        return ["ip", "netns", "exec", self.name(machine)]

    def cut_off(self, machine: str) -> None:
        """Whatever it sends from now on is swallowed; nobody is told."""
        self._switch(machine, "down")

    def reconnect(self, machine: str) -> None:
        self._switch(machine, "up")

    def close(self) -> None:
        for name in self._names:
            subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)

    def _switch(self, machine: str, state: str) -> None:
        _ip("-n", self.name("hub"), "link", "set", f"to-{machine}", state)

    def _bridge(self) -> None:
        hub = self.name("hub")
        _ip("-n", hub, "link", "add", "bridge0", "type", "bridge")
        _ip("-n", hub, "address", "add", f"{HUB}/24", "dev", "bridge0")
        _ip("-n", hub, "link", "set", "bridge0", "up")

    def _connect(self, machine: str, address: str) -> None:
        hub, name = self.name("hub"), self.name(machine)
        cable = ["link", "add", f"to-{machine}", "type", "veth", "peer", "name", "eth0"]
        _ip("-n", hub, *cable, "netns", name)
        _ip("-n", hub, "link", "set", f"to-{machine}", "master", "bridge0", "up")
        _ip("-n", name, "address", "add", f"{address}/24", "dev", "eth0")
        _ip("-n", name, "link", "set", "eth0", "up")


def _ip(*arguments: str) -> None:
    try:
        subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise NotPermitted("there is no `ip` command") from error
    except subprocess.CalledProcessError as error:
        raise NotPermitted(f"ip {' '.join(arguments)}: {error.stderr.strip()}") from error


def forward_command(port: int, target: Path) -> list[str]:
    """Of a process that forwards TCP connections to `port` of the hub to a Unix socket."""
    return [sys.executable, "-m", "tests.running.network", str(port), str(target)]


def _forward(port: int, target: str) -> None:
    listener = socket.create_server((HUB, port))
    while True:
        client, _ = listener.accept()
        threading.Thread(target=_pump, args=(client, target), daemon=True).start()


def _pump(client: socket.socket, target: str) -> None:
    with client, socket.socket(socket.AF_UNIX) as server:
        server.connect(target)
        other = {client: server, server: client}
        while True:
            for ready in select.select([client, server], [], [])[0]:
                data = ready.recv(65_536)
                if not data:
                    return
                other[ready].sendall(data)


if __name__ == "__main__":
    _forward(int(sys.argv[1]), sys.argv[2])
