"""Data of somebody's own in the place of a sample: found by their CF metadata, and brought to the sample's frame.

The functions behind the figures then need not know where the data came from: `time`, `latitude`, `longitude` and, for an
ensemble, `realization`, in this order; latitudes from south to north, longitudes from 0° to 360°, the sample's units.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import Any

import cf_units
import cf_xarray  # noqa: F401  it gives every array its accessor `cf`
import fsspec
import numpy as np
import pandas as pd
import xarray as xr

from examples.ensemble import box
from examples.samples import MissingData


@dataclass(frozen=True)
class Needs:
    """What data have to be to stand in for a sample.

    `names` are the CF standard names that it may have, `units` those that it is brought to, `dims` its dimensions, `least`
    the fewest times; `monthly` says that each time is a month; `covers` is a box in degrees: south, north, west, east.
    """

    names: tuple[str, ...]
    units: str
    dims: tuple[str, ...] = ("time", "latitude", "longitude")
    least: int = 12
    monthly: bool = False
    covers: tuple[float, float, float, float] | None = None


MEMBERS = ("realization", "member", "number", "ensemble", "ens")
"""The names by which files call the dimension of an ensemble's members, where no standard name says it."""


def files_of(pattern: str) -> list[Path]:
    """The files, or the Zarr folder, that a path or a pattern names, each opened once by Python itself.

    Raises:
        MissingData: there is none, or one cannot be read.
    """
    found = [Path(name) for name in sorted(glob(pattern))]
    if not found:
        raise MissingData(f"{pattern}: there is no such file; mend the path in the visit file")
    for path in found:
        inside = (
            [path / name for name in ("zarr.json", ".zgroup", ".zmetadata") if (path / name).exists()] if path.is_dir() else [path]
        )
        if not inside:
            raise MissingData(f"{path}: this folder is no Zarr store; name its files, such as {path}/*.nc")
        try:
            with inside[0].open("rb") as file:
                file.read(4)
        except OSError as error:
            raise MissingData(f"{path}: cannot be read ({error.strerror}); ask who may read it") from None
    return found


def read(told: dict[str, Any], needs: Needs, pp: Callable[[Sequence[Path]], xr.DataArray]) -> xr.DataArray:
    """Data of somebody's own, lazily, in the frame of the sample.

    Args:
        told: what the visit says: `path` or `url`, and `variable` where the metadata leave several.
        needs: what it has to be.
        pp: reads PP files as one array.

    Raises:
        MissingData: it cannot be read, or cannot stand in; the message says which variable, axis, length or region is missing.
    """
    place = told.get("path") or told["url"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            array = _open(told, needs, pp)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            raise MissingData(
                f"{place}: cannot be read as a data set ({str(error).splitlines()[0] if str(error) else error!r})"
            ) from None
        try:
            return _framed(array, needs)
        except _CannotServeError as error:
            raise MissingData(f"{place}: cannot stand in: {error}") from None


class _CannotServeError(Exception):
    pass


def _open(told: dict[str, Any], needs: Needs, pp: Callable[[Sequence[Path]], xr.DataArray]) -> xr.DataArray:
    if told.get("url"):
        return _picked(_by_address(told["url"]), told, needs)
    files = files_of(told["path"])
    if files[0].suffix == ".pp":
        read = [pp([file]) for file in files] if "realization" in needs.dims else [pp(files)]
    elif files[0].is_dir():
        read = [_picked(xr.open_zarr(file), told, needs) for file in files]
    else:
        read = [_picked(xr.open_dataset(file, chunks={}), told, needs) for file in files]
    if len(read) == 1:
        return read[0]
    named = [_named(array) for array in read]
    if "realization" in needs.dims and not any("realization" in array.dims for array in named):
        # Some PP files name their member, as a scalar, and others do not.
        members = [array.drop_vars("realization", errors="ignore") for array in named]
        number = pd.RangeIndex(len(members), name="realization")
        return xr.concat(members, number, coords="minimal", compat="override", join="exact", combine_attrs="drop_conflicts")
    along = "realization" if "realization" in needs.dims and _same_times(named) else "time"
    joined = xr.concat(named, along, coords="minimal", compat="override", join="exact", combine_attrs="drop_conflicts")
    return joined.sortby(along)


def _by_address(url: str) -> xr.Dataset:
    if url.rstrip("/").endswith(".zarr"):
        return xr.open_zarr(url)
    if url.endswith((".nc", ".nc4", ".h5")):
        return xr.open_dataset(fsspec.open(url).open(), engine="h5netcdf", chunks={})
    return xr.open_dataset(url, engine="netcdf4", chunks={})  # OPeNDAP


def _same_times(arrays: Sequence[xr.DataArray]) -> bool:
    return all(array["time"].equals(arrays[0]["time"]) for array in arrays if "time" in array.coords)


def _picked(dataset: xr.Dataset, told: dict[str, Any], needs: Needs) -> xr.DataArray:
    """The one variable that is meant."""
    there = ", ".join(map(str, dataset.data_vars)) or "none"
    if told.get("variable"):
        if told["variable"] not in dataset.data_vars:
            raise MissingData(f"{told.get('path') or told['url']}: has no variable {told['variable']!r}; it has {there}")
        return dataset[told["variable"]]
    fit = [name for name, array in dataset.data_vars.items() if array.attrs.get("standard_name") in needs.names]
    fit = fit or [name for name, array in dataset.data_vars.items() if array.ndim >= len(needs.dims)]
    if len(fit) != 1:
        place, wanted = told.get("path") or told["url"], " or ".join(needs.names)
        what = (
            f"has several that fit ({', '.join(map(str, fit))})"
            if fit
            else f"has no variable of standard name {wanted}; it has {there}"
        )
        raise MissingData(f'{place}: {what}; say which is meant: variable = "…"')
    return dataset[fit[0]]


def _named(array: xr.DataArray) -> xr.DataArray:
    """The same array with its axes called by their standard names, as the metadata or, failing these, their own names tell them."""
    guessed = array.cf.guess_coord_axis()
    known = {**guessed.cf.coordinates, **{"time": guessed.cf.axes.get("T", []), **guessed.cf.coordinates}}
    names = {}
    for name in ("time", "latitude", "longitude"):
        lines = [found for found in known.get(name, []) if guessed[found].ndim == 1]
        if lines and lines[0] in array.dims:
            names[lines[0]] = name
        elif any(guessed[found].ndim == 2 for found in known.get(name, [])):
            raise _CannotServeError(
                f"its {name} is two-dimensional (a curvilinear grid); regrid it to latitudes and longitudes first"
            )
    members = guessed.cf.standard_names.get("realization", []) + [name for name in MEMBERS if name in array.dims]
    names |= {members[0]: "realization"} if members and members[0] in array.dims else {}
    taken = [name for name in array.coords if name in names.values() and name not in names]
    return array.drop_vars(taken).rename(names)


def _framed(array: xr.DataArray, needs: Needs) -> xr.DataArray:
    array = _named(array)
    array = array.squeeze([name for name in array.dims if array.sizes[name] == 1 and name not in needs.dims], drop=True)
    lost = [name for name in needs.dims if name not in array.dims]
    if lost:
        there = ", ".join(map(str, array.dims)) or "none"
        raise _CannotServeError(f"it has no axis that CF metadata call {' or '.join(lost)}; its dimensions are {there}")
    more = [name for name in array.dims if name not in needs.dims]
    if more:
        raise _CannotServeError(f"it has a further axis {more[0]} of {array.sizes[more[0]]}; choose one of it beforehand")
    array = _in_units(array.transpose(*needs.dims), needs)
    if "longitude" in needs.dims:
        array = array.assign_coords(longitude=array["longitude"].astype(float) % 360).drop_duplicates("longitude")
        array = array.sortby(["latitude", "longitude"])
        for axis in ("latitude", "longitude"):
            array[axis].attrs = {"standard_name": axis, "units": f"degrees_{'north' if axis == 'latitude' else 'east'}"}
    if "realization" in needs.dims and array.sizes["realization"] < 2:
        raise _CannotServeError("it has one member; an ensemble has two at least")
    return _in_time(_covering(array, needs), needs).reset_coords(drop=True)


def _in_units(array: xr.DataArray, needs: Needs) -> xr.DataArray:
    """The array in the units that are needed; where it names none, it is taken to be in them."""
    said = str(array.attrs.get("units", needs.units))
    said = {"C": "degC", "°C": "degC", "degrees C": "degC", "deg C": "degC", "Celsius": "degC"}.get(said, said)
    try:
        unit = cf_units.Unit(said)
        if not unit.is_convertible(needs.units):
            raise ValueError
    except ValueError:
        raise _CannotServeError(
            f"its units are {said!r}, which cannot be turned into {needs.units}; mend its attribute units"
        ) from None
    zero, one = (float(unit.convert(value, needs.units)) for value in (0.0, 1.0))
    converted = array if (zero, one) == (0, 1) else array * np.float32(one - zero) + np.float32(zero)
    name = next((name for name in needs.names if name == array.attrs.get("standard_name")), needs.names[0] if needs.names else None)
    attributes = {"units": needs.units} | ({"standard_name": name} if name else {})
    return converted.assign_attrs({**{k: v for k, v in array.attrs.items() if k == "long_name"}, **attributes})


def _covering(array: xr.DataArray, needs: Needs) -> xr.DataArray:
    if needs.covers is not None:
        south, north, west, east = needs.covers
        try:
            box(array, *needs.covers)
        except ValueError:
            raise _CannotServeError(
                f"it has no point between {south:g}° and {north:g}° north and {west:g}° and {east:g}° east"
            ) from None
    return array


def _in_time(array: xr.DataArray, needs: Needs) -> xr.DataArray:
    """The array in the order of its times; a monthly one is dated by its months on the standard calendar."""
    times = array["time"]
    if not (np.issubdtype(times.dtype, np.datetime64) or times.dtype == object):
        raise _CannotServeError(f"its time is no date ({times.dtype}); give it CF units such as days since 1990-01-01")
    array = array.sortby("time")
    if array.sizes["time"] < needs.least:
        raise _CannotServeError(f"it has {array.sizes['time']} times; {needs.least} are needed")
    if not needs.monthly:
        return array
    year, month = (array["time"].dt.year.to_numpy(), array["time"].dt.month.to_numpy())
    if len(set(zip(year, month, strict=True))) < year.size:
        raise _CannotServeError("it has several times in a month; make monthly means first, such as resample(time='MS').mean()")
    dates = np.array([f"{y:04}-{m:02}-16" for y, m in zip(year, month, strict=True)], "datetime64[ns]")
    return array.assign_coords(time=("time", dates, {"standard_name": "time"}))
