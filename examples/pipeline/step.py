"""The step of a pipeline: read files, compute with Xarray, write one file whole or not at all.

On the command line: ``python -m examples.pipeline.step climatology|anomaly|index INPUT… OUTPUT``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import xarray as xr


def climatology(record: xr.DataArray) -> xr.DataArray:
    """The mean of each calendar month.

    Args:
        record: shape (time, …), with a coordinate `time` of dates.

    Returns:
        Shape (month, …), month from 1 to 12, in the record's units; a month that the record lacks is not there.
    """
    return record.groupby("time.month").mean("time", keep_attrs=True)


def anomaly(month: xr.DataArray, means: xr.DataArray) -> xr.DataArray:
    """One month less the climatology of its calendar month.

    Args:
        month: shape (time, …) with one time.
        means: shape (month, …), as `climatology` gives it.

    Returns:
        The shape of `month`, in its units.

    Raises:
        KeyError: the climatology has no such month.

    """
    number = int(month.time.dt.month.item())
    expected = means.sel(month=number).drop_vars("month")
    return (month - expected).assign_attrs(month.attrs)


def index(anomalies: xr.DataArray) -> xr.DataArray:
    """The Niño 3.4 index: the mean anomaly between 5° S and 5° N, 170° W and 120° W, weighted by area.

    Args:
        anomalies: shape (time, latitude, longitude), K; longitudes from 0 to 360, latitudes ascending.

    Returns:
        Shape (time,), K. Trenberth, K. E. (1997), Bull. Amer. Meteor. Soc. 78, 2771-2777.

    """
    box = anomalies.sel(latitude=slice(-5, 5), longitude=slice(190, 240))
    return box.weighted(np.cos(np.deg2rad(box.latitude))).mean(("latitude", "longitude"))


def write(text_or_data: str | xr.DataArray, path: Path) -> None:
    """Write a file under another name, in the same folder, and give it its name when it is whole.

    To rename is one step on a POSIX file system: a reader finds the old file or the new one (rename(2)).
    """
    draft = path.with_name(f".{path.name}.draft")
    if isinstance(text_or_data, str):
        draft.write_text(text_or_data, encoding="utf-8")
    else:
        text_or_data.to_netcdf(draft, engine="h5netcdf")
    os.replace(draft, path)


def _read(path: Path) -> xr.DataArray:
    with xr.open_dataarray(path, engine="h5netcdf") as data:
        return data.load()


def main(what: str, *names: str) -> None:
    """Run one step: what to make, the files to read, and the file to write."""
    *inputs, output = map(Path, names)
    read = [_read(path) for path in inputs]
    steps: dict[str, Callable[..., xr.DataArray]] = {"climatology": climatology, "anomaly": anomaly}
    if what in steps:
        write(steps[what](*read), output)
    else:
        months = index(xr.concat(read, "time"))
        lines = (f"{value.time.dt.strftime('%Y-%m').item()},{value.item():.3f}" for value in months)
        write("\n".join(["month,nino34_anomaly_K", *lines]) + "\n", output)


if __name__ == "__main__":
    main(*sys.argv[1:])
