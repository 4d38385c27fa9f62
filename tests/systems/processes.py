"""What still runs of a service."""

import time
from pathlib import Path

import psutil


def processes_in(folder):
    """The processes that work in a folder or below it."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()).is_relative_to(folder):
                found.append(process)
        except psutil.Error:
            continue
    return found


def left_in(folder, seconds=0):
    """The command lines of those that are still there after so long."""
    until = time.monotonic() + seconds
    while (left := processes_in(folder)) and time.monotonic() < until:
        time.sleep(0.1)
    return [process.cmdline() for process in left]
