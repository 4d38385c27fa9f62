"""What a demonstration does before it starts Dask and after: no log lines, and nothing left behind."""

from __future__ import annotations

import gc
import logging
import os
import tempfile
from multiprocessing import resource_tracker
from pathlib import Path

import dask
import psutil

LOGGERS = ("distributed", "distributed.client", "distributed.http", "tornado", "tornado.application", "asyncio")

_folders: list[tempfile.TemporaryDirectory[str]] = []


def prepare() -> Path:
    """Silence Dask's logs and give it a temporary folder for its files; return that folder. Change nothing else of it.

    Call it before `distributed` is imported. The settings go through the environment, so that schedulers and workers
    started as processes have them too. The demonstrations kill processes on purpose; what that does is shown on the
    slide, not in a log.
    """
    folder = tempfile.TemporaryDirectory(prefix="dask-talk-")
    _folders.append(folder)
    os.environ["DASK_TEMPORARY_DIRECTORY"] = folder.name
    # Dask reads a value of the environment as a Python literal where it can.
    os.environ["DASK_LOGGING"] = repr(dict.fromkeys(LOGGERS, "critical"))
    dask.config.refresh()
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return Path(folder.name)


def finish() -> None:
    """Remove the folders of `prepare`, and check that every process that this one started is gone.

    Raises
    ------
    RuntimeError
        A process still runs; the message names it.
    """
    gc.collect()
    # Python keeps this helper process until it exits; it holds a notebook's output open and so delays its end.
    resource_tracker._resource_tracker._stop()  # type: ignore[attr-defined]
    _, alive = psutil.wait_procs(psutil.Process().children(recursive=True), timeout=5)
    while _folders:
        _folders.pop().cleanup()
    if alive:
        names = "; ".join(" ".join(process.cmdline()) for process in alive)
        raise RuntimeError(f"still running: {names}. Close the cluster in the cell that starts it.")
