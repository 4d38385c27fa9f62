"""What readers find in a file while it is written again and again; the writer and the reader are processes of their own.

On the command line: ``python -m examples.pipeline.watched read PATH``, and ``… write PATH HOW TIMES``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import xarray as xr

from examples import catalogue
from examples.pipeline import step


def in_place(data: xr.DataArray, path: Path) -> None:
    """Write as most scripts do: into the file that readers open."""
    data.to_netcdf(path, engine="h5netcdf")


WHOLE, UNREAD, OTHER = "whole", "unread", "other"
WAYS: dict[str, Callable[[xr.DataArray, Path], None]] = {"in place": in_place, "renamed": step.write}


def product() -> xr.DataArray:
    """What is written: the sea surface temperature of the sample twelve times, so that writing takes a moment; K, synthetic."""
    record = catalogue.sample("ostia").load().reset_coords(drop=True).drop_attrs().rename("sst")
    return record.expand_dims(copy=range(12)).copy()


def watch(how: str, path: Path, times: int = 20) -> Counter[str]:
    """Let one process write the product `times` times in one of the `WAYS`, while another opens the file as often as it can.

    Neither locks the file, as on the file systems that have no locks.

    Returns:
        How often the file was `WHOLE`, could not be read (`UNREAD`), or held `OTHER` values than the product's.

    Raises:
        subprocess.CalledProcessError: the writer failed.

    """
    step.write(product(), path)
    command, quiet = [sys.executable, "-m", __name__], subprocess.DEVNULL
    environment = {**os.environ, "HDF5_USE_FILE_LOCKING": "FALSE"}
    # HDF5 says on the reader's standard error what is broken in the file.
    with subprocess.Popen([*command, "read", path], stdout=subprocess.PIPE, stderr=quiet, env=environment, text=True) as reader:
        assert reader.stdout
        found = Counter([reader.stdout.readline().strip()])  # from here on it reads
        try:
            subprocess.run([*command, "write", path, how, str(times)], env=environment, check=True)
        finally:
            reader.kill()
        found.update(line.strip() for line in reader.stdout if line.endswith("\n"))
    return found


def _read(path: Path) -> None:
    expected = product()
    while True:
        try:
            with xr.open_dataarray(path, engine="h5netcdf", phony_dims="sort") as data:
                found = WHOLE if data.equals(expected) else OTHER
        except (OSError, KeyError, ValueError, RuntimeError):  # what HDF5 and its readers raise when a file is not whole
            found = UNREAD
        print(found, flush=True)


def _write(path: Path, how: str, times: str) -> None:
    data = product()
    for _ in range(int(times)):
        WAYS[how](data, path)


if __name__ == "__main__":
    _, what, path, *more = sys.argv
    if what == "read":
        _read(Path(path))
    else:
        _write(Path(path), *more)
