"""Climatology at scale: the means of the calendar of a record larger than memory, in one pass, and the anomalies from them."""

from __future__ import annotations

from functools import partial

import dask
import dask.array as da
import numpy as np
import xarray as xr

from examples.one_pass import FILLS, State, count, fills, need_decoded, walk


def mean(field: xr.DataArray, by: str, parts: int | None = None) -> xr.DataArray:
    """The climatology: for each calendar month, or each calendar day, the mean over all years; summed in double precision.

    Args:
        field: any shape with a dimension `time`; any calendar; any chunks, best along time only; missing values do not count.
            It may be left undecoded (`mask_and_scale=False`), which is faster: `_FillValue` and `missing_value` are missing then.
        by: "month", or "day". A calendar day is the same day of the same month, as in CDO's `ydaymean`: the first of March is
            one group in leap years and in others, and the 29th of February has a group of its own.
        parts: how many tasks share the pass, each with sums of its own; the number of Dask's workers if not given.

    Returns:
        Dimension `by` in place of `time`, first; double precision, in the field's own units; missing where a group has no value.

    Raises:
        ValueError: `by` is neither, or the field is undecoded and packed.
    """
    labels, groups = np.unique(calendar(field, by), return_inverse=True)
    field = field.transpose("time", ...)
    shape = (len(labels), *field.shape[1:])
    states = walk(field, groups, partial(_nothing_yet, shape, len(groups)), partial(_add_to_sums, fills(field)), parts)
    (total, number), *others = dask.compute(*states)
    while others:
        more, of = others.pop()
        total += more
        number += of
    with np.errstate(invalid="ignore"):
        total /= number
    coords = {name: coord for name, coord in field.coords.items() if "time" not in coord.dims}
    attrs = {name: value for name, value in field.attrs.items() if name not in FILLS}
    return xr.DataArray(total, {by: labels, **coords}, (by, *field.dims[1:]), field.name, attrs)


def anomaly(field: xr.DataArray, climatology: xr.DataArray) -> xr.DataArray:
    """The departure of each time from the climatology of its month or day; lazy, a task a chunk.

    Args:
        field: any shape with a dimension `time`; any calendar; any chunks.
        climatology: as `mean` gives it, of this field or of another on the same grid.

    Returns:
        The field's shape with time first, type and units.

    Raises:
        ValueError: the climatology lacks a month or day of the field, or lies on another grid; the field is not decoded.
    """
    need_decoded(field)
    by = str(climatology.dims[0])
    wanted = calendar(field, by)
    groups = climatology.indexes[by].get_indexer(wanted)
    if (groups < 0).any():
        raise ValueError(f"the climatology has no {by} {wanted[groups < 0][0]}; make it from a record that does")
    field = field.transpose("time", ...)
    for axis in field.dims[1:]:
        if axis in field.coords and not field[axis].equals(climatology[axis]):
            raise ValueError(f"the climatology lies on another grid: its {axis} differs")
    # As a task of its own the climatology goes to each worker once, and not with each chunk.
    normal = dask.delayed(climatology.transpose(by, *field.dims[1:]).values, pure=False)
    whole = field.chunk(dict.fromkeys(field.dims[1:], -1))
    one = (1,) * (field.ndim - 1)
    along = da.from_array(groups.reshape(-1, *one), chunks=(whole.data.chunks[0], *one))
    return field.copy(data=da.map_blocks(_less, whole.data, along, normal, dtype=field.dtype, meta=whole.data._meta))


def calendar(field: xr.DataArray, by: str) -> np.ndarray:
    """For each time its "month" (1 to 12), or its "day" as 100 times the month plus the day of the month (229: 29 February).

    Raises:
        ValueError: `by` is neither.
    """
    time = field["time"].dt
    if by not in ("month", "day"):
        raise ValueError(f'a climatology is made by "month" or by "day", not by {by!r}')
    return np.asarray(time.month if by == "month" else 100 * time.month + time.day)


def _nothing_yet(shape: tuple[int, ...], times: int) -> State:
    return np.zeros(shape), np.zeros(shape, np.min_scalar_type(times))


def _add_to_sums(fills: list[np.generic], state: State, block: np.ndarray, groups: np.ndarray) -> None:
    """Add to the sums and numbers of each group; times of one group that follow each other are summed at once."""
    total, number = state
    ends = np.flatnonzero(np.diff(groups)) + 1
    for first, last in zip([0, *ends], [*ends, len(groups)], strict=True):
        part, group = block[first:last], slice(groups[first], groups[first] + 1)
        there = ~np.isnan(part)
        for fill in fills:
            there &= part != fill
        if (there == there[0]).all():  # as over land: missing always, or never
            number[group] += there[:1] * number.dtype.type(last - first)
            np.add(total[group], part.sum(axis=0, dtype=float), out=total[group], where=there[:1])
        else:
            number[group] += count(there, number.dtype)
            total[group] += np.where(there, part, part.dtype.type(0)).sum(axis=0, dtype=float)


def _less(block: np.ndarray, groups: np.ndarray, normal: np.ndarray) -> np.ndarray:
    departure = np.empty_like(block)
    for time, group in enumerate(groups.ravel()):
        np.subtract(block[time], normal[group], out=departure[time, ...], casting="same_kind")
    return departure
