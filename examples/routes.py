"""The monthly climatology of one file by many routes: what may make a pass over a file faster, each tried by itself.

Each takes a file with the variable `sst` (time, latitude, longitude) and gives (month, latitude, longitude), in the file's units.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import dask
import dask.array as da
import h5py
import kerchunk.hdf
import netCDF4
import numba
import numpy as np
import xarray as xr

from examples import climatology
from examples.one_pass import walk

DAYS = 30
"""Days in a chunk."""
FILL = np.float32(-999)
"""What stands for a missing value in the files."""


def field(path: str, **given: Any) -> xr.DataArray:
    """The field of a file, of the files of a pattern, or of a store, in chunks of 30 days."""
    reader = {"engine": "zarr", "consolidated": False} if ".zarr" in path else {"engine": "netcdf4"}
    opened = xr.open_mfdataset if "*" in path else xr.open_dataset
    return opened(path, **{**reader, "chunks": {"time": DAYS}, **given}).sst


def groups(path: str, by: str) -> np.ndarray:
    """The month or the calendar day of each time of a file."""
    return climatology.calendar(field(path), by)


def plain(path: str, by: str, **given: Any) -> np.ndarray:
    """Xarray's own way, by flox where that is installed."""
    sst = field(path)
    return sst.assign_coords({by: ("time", groups(path, by))}).groupby(by).mean(**given).values


def without_flox(path: str, by: str) -> np.ndarray:
    """Xarray's own way, a group after the other."""
    with xr.set_options(use_flox=False):
        return plain(path, by)


def by_hand(path: str, by: str) -> np.ndarray:
    """NumPy written out: one pass, a block at a time, in double precision."""
    labels, where = np.unique(groups(path, by), return_inverse=True)
    sst = variable(path)
    total, number = np.zeros((len(labels), *sst.shape[1:])), np.zeros((len(labels), *sst.shape[1:]), np.int32)
    for first in range(0, len(where), DAYS):
        block = sst[first : first + DAYS]
        there = block != FILL
        block[~there] = 0
        for time_, group in enumerate(where[first : first + DAYS]):
            total[group] += block[time_]
            number[group] += there[time_]
    with np.errstate(invalid="ignore"):
        return total / number


def variable(path: str) -> netCDF4.Variable:
    """The variable of a file as it is stored: what is missing is a number."""
    variable = netCDF4.Dataset(path)["sst"]
    variable.set_auto_maskandscale(False)
    return variable


def by_iris(path: str, by: str) -> np.ndarray:
    """Iris's own way."""
    cube = iris_months(path)
    if by == "day":
        cube.add_aux_coord(iris().coords.AuxCoord(groups(path, by), long_name=by), 0)
    return cube.aggregated_by(by, iris().analysis.MEAN).data.filled(np.nan)


def iris_months(path: str) -> Any:
    """The cube of a file, or of the files of a pattern, with the month of each time."""
    import iris.coord_categorisation  # noqa: PLC0415

    cube = iris.load(path).concatenate_cube()
    iris.coord_categorisation.add_month_number(cube, "time", "month")
    return cube


def iris() -> Any:
    """Iris, imported only where it is used: what is timed whole would otherwise pay for it."""
    import iris  # noqa: PLC0415
    import iris.analysis  # noqa: PLC0415
    import iris.coords  # noqa: PLC0415
    import iris.cube  # noqa: PLC0415

    return iris


def in_chunks(days: int, path: str) -> np.ndarray:
    """One pass, in chunks of so many days."""
    return climatology.mean(field(path, chunks={"time": days}), "month").values


def single(path: str) -> np.ndarray:
    """The same pass with sums in single precision, day after day."""
    months = groups(path, "month") - 1
    sst = field(path)
    shape = (12, *sst.shape[1:])

    def add(state: tuple[np.ndarray, ...], block: np.ndarray, labels: np.ndarray) -> None:
        for today, label in zip(block, labels, strict=True):
            state[0][label] += today

    # A point that is missing at any time is missing in the result.
    (total,), *others = dask.compute(*walk(sst, months, lambda: (np.zeros(shape, np.float32),), add))
    for (more,) in others:
        total += more
    return total / np.bincount(months).astype(np.float32)[:, None, None]


def compiled(path: str) -> np.ndarray:
    """The same pass with the sums in a loop that Numba compiles, at its first call."""
    months = groups(path, "month") - 1
    sst = field(path)
    shape = (12, int(np.prod(sst.shape[1:])))

    def add(state: tuple[np.ndarray, ...], block: np.ndarray, labels: np.ndarray) -> None:
        _add(block.reshape(len(block), -1), labels, *state)

    (total, number), *others = dask.compute(*walk(sst, months, lambda: (np.zeros(shape), np.zeros(shape, np.int32)), add))
    for more, of in others:
        total += more
        number += of
    with np.errstate(invalid="ignore"):
        return (total / number).reshape(12, *sst.shape[1:])


@numba.njit(nogil=True)  # type: ignore[untyped-decorator]
def _add(block: np.ndarray, labels: np.ndarray, total: np.ndarray, number: np.ndarray) -> None:
    for day in range(block.shape[0]):
        sums, counts = total[labels[day]], number[labels[day]]
        for point in range(block.shape[1]):
            value = block[day, point]
            if not np.isnan(value):
                sums[point] += value
                counts[point] += 1


def mapped(path: str) -> np.ndarray:
    """The same pass over the file's bytes in memory, past HDF5 and its lock; the variable has to be in one piece."""
    with h5py.File(path) as file:
        stored = file["sst"]
        bytes_ = np.memmap(path, stored.dtype, "r", stored.id.get_offset(), stored.shape)
    lazy = da.from_array(bytes_, chunks=(DAYS, -1, -1), name=False)
    sst = field(path).copy(data=lazy.map_blocks(lambda block: np.where(block == FILL, np.float32(np.nan), block), dtype="f4"))
    return climatology.mean(sst, "month").values


def undecoded(path: str) -> np.ndarray:
    """The same pass over the values as they are stored: what is missing is left out of the sums, and never decoded."""
    return climatology.mean(field(path, mask_and_scale=False), "month").values


def virtual(path: str) -> np.ndarray:
    """The same pass over the same file read as a Zarr store by reference, past HDF5 and its lock."""
    references = kerchunk.hdf.SingleHdf5ToZarr(path).translate()
    return climatology.mean(field(references, engine="kerchunk"), "month").values


LEVERS: dict[str, Callable[[str], np.ndarray]] = {
    "xarray": partial(plain, by="month"),
    "xarray without flox": partial(without_flox, by="month"),
    "xarray map-reduce": partial(plain, by="month", method="map-reduce"),
    "one pass": partial(in_chunks, DAYS),
    "chunks of 5 days": partial(in_chunks, 5),
    "chunks of 240 days": partial(in_chunks, 240),
    "compiled": compiled,
    "h5netcdf": lambda path: climatology.mean(field(path, engine="h5netcdf"), "month").values,
    "undecoded": undecoded,
    "mapped": mapped,
    "virtual": virtual,
    "single": single,
}
