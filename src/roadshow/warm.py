"""A process that has imported what kernels need, and forks a kernel on each request: nobody waits for the imports twice.

It runs as ``python -m roadshow.warm SOCKET MODULE…`` and listens on a Unix socket; on its standard output it says ``ready``,
or what is wrong. A request is one line of JSON: the arguments of ``python -m`` (`argv`), the environment (`env`) and the
folder (`cwd`) of the kernel; the answer is its process id. It ends with its standard input, that is, with the build.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import select
import signal
import socket
import sys
import tempfile
import warnings
from importlib import import_module
from pathlib import Path


def main(address: str, *modules: str) -> None:
    """Import `modules`, listen on `address`, and fork until standard input ends."""
    # A kernel ends when its parent does, which is this process and not the build; ipykernel reads it as it is imported.
    os.environ["JPY_PARENT_PID"] = str(os.getpid())
    for name in modules:
        try:
            import_module(name)
        except ImportError as error:
            print(f"roadshow_preload in conf.py names {name!r}, which cannot be imported: {error}")
            sys.exit(1)
    # What is loaded is shared by all kernels, as long as none of them writes to it.
    gc.freeze()
    # The system forgets each kernel as it ends: nobody waits for it here.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()
    print("ready", flush=True)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        connection, _ = listener.accept()
        with connection, connection.makefile("rw") as stream:
            request = json.loads(stream.readline())
            with warnings.catch_warnings():
                # Python warns of threads, such as those of a library for linear algebra, which mends itself after a fork.
                warnings.simplefilter("ignore", DeprecationWarning)
                kernel = os.fork()
            if not kernel:
                listener.close()
                break
            stream.write(f"{kernel}\n")
    become(**request)


def become(argv: list[str], env: dict[str, str], cwd: str) -> None:
    """Be what ``python -m`` would have started with `argv` in the environment `env` and the folder `cwd`."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(env, JPY_PARENT_PID=str(os.getppid()))
    # What was imported may have asked for the folder of temporary files, and Python remembers the answer.
    tempfile.tempdir = None
    os.chdir(cwd)
    # As where Jupyter starts it (see client.py), standard error goes nowhere.
    with Path(os.devnull).open("r+") as nothing:
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            os.dup2(nothing.fileno(), stream.fileno())
    sys.modules["sitecustomize"].trace(env["ROADSHOW_TRACE"])
    sys.argv = argv
    runpy.run_module(argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
