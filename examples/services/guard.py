"""Stands between a process and a server: the server, and all that it starts, end with that process or when it says so.

Its input is a pipe from that process: one line, the program and its arguments as JSON. The system closes it when the process
ends, also when it is killed. The exit status is the server's.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import sys
import time

import psutil

PR_SET_CHILD_SUBREAPER = 36
SECONDS = 15
"""How long a server may take to end."""


def main(command: list[str]) -> int:
    """Run the server until it ends, or this is told to end, or whoever started this has ended; leave no process of it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    # What its descendants leave behind becomes its child, also from other sessions (prctl(2), where the system has it).
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    starter = os.dup(0)  # which the server does not inherit
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    server, status = 0, None
    try:
        # As it was before Python began.
        server = os.posix_spawnp(command[0], command, os.environ, setsigdef=[signal.SIGPIPE, signal.SIGXFSZ])
        os.chdir("/")  # the folder is the server's
        while (status := _reap(server)) is None and not select.select([starter], [], [], 0.05)[0]:
            pass
    finally:
        _end(server)
    return 0 if status is None else status


def _reap(server: int) -> int | None:
    """Take leave of the children that have ended; the server's status, once it is among them."""
    status = None
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == server:
                code = os.waitstatus_to_exitcode(ended[1])
                status = code if code >= 0 else 128 - code
    return status


def _end(server: int) -> None:
    """Ask the session to end, wait for the server, and kill what is left, wherever it is."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    until = time.monotonic() + SECONDS
    while server and psutil.pid_exists(server) and _reap(server) is None and time.monotonic() < until:
        time.sleep(0.02)
    # Who is killed may leave children, which come here.
    while left := psutil.Process().children(recursive=True):
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        time.sleep(0.01)
        _reap(server)


if __name__ == "__main__":
    if given := sys.stdin.buffer.readline():
        sys.exit(main(json.loads(given)))
