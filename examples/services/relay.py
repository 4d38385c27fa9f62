"""A relay in front of a service: whoever connects to it talks to the service, and each piece that passes can be seen."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self


class Relay:
    """Listens on a free `port` of 127.0.0.1, and passes on what comes, until its block ends.

    `see` is called with each piece before it is passed on, and whether it comes from the client; what it returns is passed on.
    """

    def __init__(self, host: str, port: int, see: Callable[[bytes, bool], bytes]) -> None:
        self._service, self._see = (host, port), see
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        with suppress(OSError):  # not on macOS; elsewhere it ends the wait for the next client
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._server.accept()
                service = socket.create_connection(self._service)
                for ends in (client, service, True), (service, client, False):
                    threading.Thread(target=self._pass, args=ends, daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, from_client: bool) -> None:
        with suppress(OSError), source, target:  # the other side has gone
            while piece := source.recv(2**16):
                target.sendall(self._see(piece, from_client))
