"""Systems of one's own on this machine, for as long as a block lasts: an object store, a queue, a hub.

Each listens on loopback and on free ports, keeps all its files in one folder, makes its keys and passwords afresh, and is
ended with the block or with the process that started it, whichever goes first.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

LOG_LINES = 8
GUARD = Path(__file__).with_name("guard.py")
PORTS = range(16_384, 32_768)
"""Those that `free_ports` gives: below what Linux (32768 and up) and macOS (49152 and up) give by themselves."""


class ServiceError(RuntimeError):
    """A service is not installed, did not come up or went away; the message says which, what it said last, and the mend."""


def program(name: str) -> str | None:
    """Where a program is: beside this interpreter, where packages and `make services` put theirs, or else on the path."""
    beside = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return shutil.which(name, path=beside)


def free_ports(count: int) -> list[int]:
    """Ports of the loopback address that nobody listens on, outside of those that a system gives to whoever asks for any.

    One of those could go to another program, such as a worker of Dask, before the server that it is meant for is up.

    Raises:
        ServiceError: so many are not free.
    """
    with contextlib.ExitStack() as opened:
        ports: list[int] = []
        for port in random.sample(PORTS, len(PORTS)):
            with contextlib.suppress(OSError):
                opened.enter_context(socket.create_server(("127.0.0.1", port)))
                ports.append(port)
            if len(ports) == count:
                return ports
    raise ServiceError(f"of the ports {PORTS[0]} to {PORTS[-1]} of 127.0.0.1, {count} are needed and {len(ports)} are free.")


def listens(port: int) -> bool:
    """Whether somebody listens on a port of the loopback address."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextlib.contextmanager
def running(
    name: str,
    command: Sequence[str],
    folder: Path,
    ready: Callable[[], bool],
    *,
    mend: str,
    environment: Mapping[str, str] | None = None,
    seconds: float = 60,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server while the block lasts, which begins when it is `ready`.

    Args:
        name: what it is called, in messages and as the name of its log in `folder`.
        command: the program and its arguments.
        folder: where it works and where its log goes; private to this user.
        ready: asked again and again, until it is true.
        mend: what to do if it does not come up.
        environment: variables for it, instead of those of this process.
        seconds: how long it may take.

    Raises:
        ServiceError: the program is not there, ended, or was not ready in time.

    """
    folder.chmod(0o700)
    log = folder / f"{name}.out"
    if not (found := program(command[0])):
        raise ServiceError(f"{name}: there is no program {command[0]}. {mend}")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-I", GUARD],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        assert process.stdin
        process.stdin.write(json.dumps([found, *command[1:]]).encode() + b"\n")
        process.stdin.flush()
        _await_ready(name, process, ready, seconds, log, mend)
        yield process
    finally:
        end(process)


def _await_ready(
    name: str, process: subprocess.Popen[bytes], ready: Callable[[], bool], seconds: float, log: Path, mend: str
) -> None:
    until = time.monotonic() + seconds
    while not ready():
        status = process.poll()
        if status is not None or time.monotonic() > until:
            what = f"was not ready after {seconds:.0f} s" if status is None else f"ended with status {status}"
            last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
            raise ServiceError("\n".join([f"{name} {what}. {mend}", *(f"    {line}" for line in last)]))
        time.sleep(0.05)


def end(process: subprocess.Popen[bytes]) -> None:
    """End what `running` gave, and whatever it has started; see `examples.services.guard`."""
    process.terminate()
    process.wait()
    if process.stdin:
        process.stdin.close()
