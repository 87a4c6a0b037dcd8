"""The process that has loaded what the work needs, and forks a child for each piece of it.

    python -m operations.bounded.parent PREPARE

`PREPARE`, a dotted path, is called first. Standard input is a socket on which each byte comes with
the end of a line to the room. Whoever lets go of a line ends its child; whoever lets go of the
socket ends all of them, and this process. It does nothing else, so nothing can hold it up.
"""

import os
import select
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass

IDLE_SECONDS = 600
"""Then its memory is given back: the next preview waits for a new one."""
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")
"""Libraries that otherwise take every processor, and memory for each."""


@dataclass(frozen=True, kw_only=True)
class Child:
    pid: int
    line: socket.socket
    """Its end of the line to the room, of which the child has a copy."""
    life: int
    """Readable, at its end, when the child has ended."""


class Parent:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, Child] = {}  # by each of their descriptors
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)

    def serve(self) -> socket.socket | None:
        """Return None when it is over; in a child, the line to the room."""
        while ready := self._poll.poll(None if self._children else IDLE_SECONDS * 1000):
            for descriptor, _ in ready:
                if descriptor != self._control.fileno():
                    self._look_after(descriptor)
                elif (line := self._next_line()) is None:
                    self._end_all()
                    return None
                elif self._is_child(line):
                    return line
        return None

    def _next_line(self) -> socket.socket | None:
        """None when the room is gone."""
        try:
            sent, descriptors, _, _ = socket.recv_fds(self._control, 1, 1)
        except ConnectionError:
            return None
        return socket.socket(fileno=descriptors[0]) if sent else None

    def _is_child(self, line: socket.socket) -> bool:
        life, held = os.pipe()  # the child alone holds the other end, until it ends
        if (pid := os.fork()) == 0:
            self._forget_everything()
            return True
        os.close(held)
        child = Child(pid=pid, line=line, life=life)
        self._children |= {line.fileno(): child, life: child}
        self._poll.register(line, 0)  # hang-ups are always told
        self._poll.register(life, 0)
        return False

    def _forget_everything(self) -> None:
        """A copy in a child would hold other children's lines, and the room's socket, open."""
        self._control.close()
        for descriptor, child in self._children.items():
            if descriptor == child.life:
                os.close(child.life)
                child.line.close()

    def _look_after(self, descriptor: int) -> None:
        """Somebody let go: the room of a line, or a child of its life."""
        child = self._children.get(descriptor)
        if child is None:  # both at once
            return
        if descriptor != child.life:
            os.kill(child.pid, signal.SIGKILL)
        self._bury(child)

    def _bury(self, child: Child) -> None:
        _, status = os.waitpid(child.pid, 0)
        for descriptor in (child.line.fileno(), child.life):
            self._poll.unregister(descriptor)
            del self._children[descriptor]
        os.close(child.life)
        child.line.setblocking(False)  # who does not read holds nothing up
        with suppress(OSError):
            child.line.sendall(b'{"ended": %d}\n' % os.waitstatus_to_exitcode(status))
        child.line.close()

    def _end_all(self) -> None:
        for child in {child.pid: child for child in self._children.values()}.values():
            os.kill(child.pid, signal.SIGKILL)
            self._bury(child)


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the room's own end ends it
    for name in THREADS:
        os.environ[name] = "1"
    import django
    from django.db import connections
    from django.utils.module_loading import import_string

    django.setup()
    import_string(sys.argv[1])()
    connections.close_all()  # one that is open here would be every child's
    line = Parent(_control()).serve()
    if line is not None:
        _be_child(line)


def _control() -> socket.socket:
    """Standard input, which no child may go on holding."""
    control = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return control


def _be_child(line: socket.socket) -> None:
    from operations.bounded import child

    try:
        child.run(line)
    finally:
        sys.stderr.flush()
        os._exit(0)


if __name__ == "__main__":
    main()
