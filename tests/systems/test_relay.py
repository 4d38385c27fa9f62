"""A relay passes on what comes, in both directions, and shows each piece before it passes."""

import socket
import threading

import pytest

from examples.services.relay import Relay


@pytest.fixture
def echo():
    """The port of a service that answers each piece with the same in capitals."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            client, _ = server.accept()
            with client:
                while piece := client.recv(100):
                    client.sendall(piece.upper())

        threading.Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1]


def test_both_directions_pass_and_are_seen(echo):
    seen = []

    def see(piece, from_client):
        seen.append((piece, from_client))
        return piece

    with Relay("127.0.0.1", echo, see) as relay, socket.create_connection(("127.0.0.1", relay.port), timeout=10) as client:
        client.sendall(b"storm")
        assert client.recv(100) == b"STORM"
    assert seen == [(b"storm", True), (b"STORM", False)]


def test_what_it_is_told_to_pass_on_is_passed_on(echo):
    with (
        Relay("127.0.0.1", echo, lambda piece, from_client: piece[::-1] if from_client else piece) as relay,
        socket.create_connection(("127.0.0.1", relay.port), timeout=10) as client,
    ):
        client.sendall(b"storm")
        assert client.recv(100) == b"MROTS"


def test_after_its_block_nobody_is_let_in(echo):
    with Relay("127.0.0.1", echo, lambda piece, from_client: piece) as relay:
        port = relay.port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=10)
