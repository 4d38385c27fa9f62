"""Serve the built decks on this machine and open both windows: the room's and the speaker's."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import tempfile
import time
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from roadshow.stage import StageError, browser
from roadshow.stage.built import BuiltDeck

# A browser of its own: no pop-up is held back, and no extension, bookmark or log-in of the speaker's reaches the screen.
_WINDOWS = [
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-popup-blocking",
    "--disable-component-update",
    "--new-window",
]


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing: the terminal may be on the screen."""


def server(site: Path, host: str, port: int) -> ThreadingHTTPServer:
    """A server of the folder `site`, on `port` or, where that is taken, on a free one.

    Raises:
        StageError: `host` is no address of this machine, or the port may not be used.
    """
    handler = partial(_Handler, directory=str(site))
    try:
        return ThreadingHTTPServer((host, port), handler)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return ThreadingHTTPServer((host, 0), handler)
        raise StageError(f"{host}:{port}: cannot listen there ({error.strerror}); name another with --host or --port") from None


def present(deck: BuiltDeck, site: Path, host: str, port: int, say: Callable[[str], None]) -> None:
    """Serve `site` until Ctrl-C, with `deck` open in the room's window and in the speaker's.

    A terminal that closes does not end it. Without a Chromium the default browser shows the deck, and `S` opens the speaker view.
    """
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with (
        server(site, host, port) as serving,
        _profile() as profile,
    ):
        address = f"http://{host}:{serving.server_port}/{deck.path.relative_to(site).as_posix()}"
        if serving.server_port != port:
            say(f"Port {port} is taken, so it is {serving.server_port}.")
        say(f"{deck.name}: {address}")
        window = _open(address, profile, say)
        try:
            serving.serve_forever()
        except KeyboardInterrupt:
            say("Ended.")
        finally:
            if window and window.poll() is None:
                window.terminate()
                window.wait(timeout=10)


@contextmanager
def _profile() -> Iterator[str]:
    """A folder for the browser, which is gone afterwards."""
    folder = tempfile.mkdtemp(prefix="roadshow-")
    try:
        yield folder
    finally:
        # The browser's last processes may still write when the first has ended.
        for _ in range(50):
            shutil.rmtree(folder, ignore_errors=True)
            if not Path(folder).exists():
                break
            time.sleep(0.1)


def _open(address: str, profile: str, say: Callable[[str], None]) -> subprocess.Popen[bytes] | None:
    path = browser.find()
    if path is None:
        seen = webbrowser.open(address)
        say(
            "S opens the speaker view. Ctrl-C here ends it."
            if seen
            else f"No browser opens: open {address} yourself. Ctrl-C here ends it."
        )
        return None
    say("Room and speaker view are two windows: drag the slides to the projector and press F there. Ctrl-C here ends it.")
    command = [path, *_WINDOWS, *browser.sandbox(), f"--user-data-dir={profile}", f"{address}?speaker"]
    nowhere = subprocess.DEVNULL
    # A Ctrl-C in the terminal, or its end, is for the server, which then ends the browser.
    return subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=os.name == "posix")
