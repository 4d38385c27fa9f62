"""Settings under which a demonstration may start Dask: no log lines, and no file left behind."""

from __future__ import annotations

import logging
import os
import tempfile

import dask

LOGGERS = ("distributed", "distributed.client", "distributed.http", "tornado", "tornado.application", "asyncio")

_scratch: tempfile.TemporaryDirectory[str] | None = None


def prepare() -> str:
    """Silence the logs of Dask and keep its files in one folder that goes when Python ends; return that folder.

    Call it before `distributed` is imported. The settings go through the environment, so that the schedulers and
    workers that this process starts have them too. A demonstration kills processes on purpose: what they log is told
    on the slide, not in the log. Nothing else of Dask is changed.
    """
    global _scratch  # noqa: PLW0603  the folder lives as long as the process
    _scratch = _scratch or tempfile.TemporaryDirectory(prefix="dask-talk-", ignore_cleanup_errors=True)
    os.environ["DASK_TEMPORARY_DIRECTORY"] = _scratch.name
    # Dask reads a dictionary from the environment as a Python literal.
    os.environ["DASK_LOGGING"] = repr(dict.fromkeys(LOGGERS, "critical"))
    dask.config.refresh()
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return _scratch.name
