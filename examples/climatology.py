"""Climatology at scale: means of the calendar, anomalies and extremes of a record larger than memory, each in few passes.

`one_pass` is the one helper that is not plain Xarray. It walks through time block by block inside a few large tasks, and keeps
one state a task, so that neither the number of tasks nor the memory grows with the length of the record.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

import dask
import dask.array as da
import numpy as np
import xarray as xr
from dask.core import flatten
from dask.optimization import cull

type State = tuple[np.ndarray, ...]
"""What a pass keeps: arrays that it changes in place."""
type Add = Callable[[State, np.ndarray, np.ndarray], None]
"""Takes the state, a block (time first) and the label of each of its times, and adds the block to the state."""

COARSE, FINE = 16, 256
"""Bins of the second and the third pass of `quantile`."""


def mean(field: xr.DataArray, by: str, parts: int | None = None) -> xr.DataArray:
    """The climatology: for each calendar month, or each calendar day, the mean over all years; summed in double precision.

    Args:
        field: any shape with a dimension `time`; any calendar; any chunks, best along time only; missing values do not count.
        by: "month", or "day". A calendar day is the same day of the same month, as in CDO's `ydaymean`: the first of March is
            one group in leap years and in others, and the 29th of February has a group of its own.
        parts: how many tasks share the pass, each with sums of its own; the number of Dask's workers if not given.

    Returns:
        Dimension `by` in place of `time`, first; double precision, in the field's own units; missing where a group has no value.

    Raises:
        ValueError: `by` is neither.
    """
    labels, groups = np.unique(calendar(field, by), return_inverse=True)
    field = _time_first(field)
    shape = (len(labels), *field.shape[1:])
    states = one_pass(field, groups, partial(_nothing_yet, shape, len(groups)), _add_to_sums, parts)
    (total, number), *others = states
    while others:
        more, of = others.pop()
        total += more
        number += of
    with np.errstate(invalid="ignore"):
        total /= number
    coords = {name: coord for name, coord in field.coords.items() if "time" not in coord.dims}
    return xr.DataArray(total, {by: labels, **coords}, (by, *field.dims[1:]), field.name, field.attrs)


def anomaly(field: xr.DataArray, climatology: xr.DataArray) -> xr.DataArray:
    """The departure of each time from the climatology of its month or day; lazy, a task a chunk.

    Args:
        field: any shape with a dimension `time`; any calendar; any chunks.
        climatology: as `mean` gives it, of this field or of another on the same grid.

    Returns:
        The field's shape with time first, type and units.

    Raises:
        ValueError: the climatology lacks a month or day of the field, or lies on another grid.
    """
    by = str(climatology.dims[0])
    wanted = calendar(field, by)
    groups = climatology.indexes[by].get_indexer(wanted)
    if (groups < 0).any():
        raise ValueError(f"the climatology has no {by} {wanted[groups < 0][0]}; make it from a record that does")
    field = _time_first(field)
    for axis in field.dims[1:]:
        if axis in field.coords and not field[axis].equals(climatology[axis]):
            raise ValueError(f"the climatology lies on another grid: its {axis} differs")
    # As a task of its own the climatology goes to each worker once, and not with each chunk.
    normal = dask.delayed(climatology.transpose(by, *field.dims[1:]).values, pure=False)
    whole = field.chunk(dict.fromkeys(field.dims[1:], -1))
    along = da.from_array(groups, chunks=(whole.chunks[0],))[(..., *[None] * (field.ndim - 1))]
    return field.copy(data=da.map_blocks(_less, whole.data, along, normal, dtype=field.dtype, meta=whole.data._meta))


def quantile(field: xr.DataArray, q: float, parts: int | None = None) -> xr.DataArray:
    """The quantile over time: the smallest value that at least the share `q` of all values does not exceed (`inverted_cdf`).

    One pass cannot do this in bounded memory (Munro and Paterson, 1980, doi:10.1016/0304-3975(80)90061-4). Here the first finds the
    range of each point, the second in which sixteenth of it the quantile lies, and the third in which 256th of that: the answer
    is right to the range of the point over 8192. CDO's `timpctl` takes three passes too, and 101 bins.

    Args:
        field: any shape with a dimension `time`, of floating point; missing values do not count.
        q: above 0, and at most 1.
        parts: as for `mean`.

    Returns:
        The field without `time`, double precision, in its own units; missing where there is no value.

    Raises:
        ValueError: `q` is not such a share.
    """
    if not 0 < q <= 1:
        raise ValueError(f"a quantile is asked for as a share above 0 and at most 1, not {q}")
    field = _time_first(field)
    none, shape = np.zeros(field.sizes["time"], dtype=np.int8), field.shape[1:]
    found = one_pass(field, none, partial(_no_range_yet, shape, len(none)), _add_to_range, parts)
    low, high = np.fmin.reduce([state[0] for state in found]), np.fmax.reduce([state[1] for state in found])
    number = sum(state[2] for state in found)
    rank, width = np.maximum(np.ceil(q * number), 1), np.where(number, high - low, 0)
    for bins, add in ((COARSE, _add_to_steps), (FINE, _add_to_histogram)):
        width = width / bins
        start = partial(_no_counts_yet, (bins + 1, *shape), len(none))
        counted = sum(state[0] for state in one_pass(field, none, start, partial(add, low, width), parts))
        # Of the first row, what lies below the range; of each further row, of the next bin.
        above = (counted.cumsum(axis=0, dtype=counted.dtype) < rank).sum(axis=0)
        low = low + np.clip(above - 1, 0, bins) * width
    coords = {name: coord for name, coord in field.coords.items() if "time" not in coord.dims}
    return xr.DataArray(low + width / 2, coords, field.dims[1:], field.name, field.attrs)


def calendar(field: xr.DataArray, by: str) -> np.ndarray:
    """For each time its "month" (1 to 12), or its "day" as 100 times the month plus the day of the month (229: 29 February).

    Raises:
        ValueError: `by` is neither.
    """
    time = field["time"].dt
    if by not in ("month", "day"):
        raise ValueError(f'a climatology is made by "month" or by "day", not by {by!r}')
    return np.asarray(time.month if by == "month" else 100 * time.month + time.day)


def one_pass(
    field: xr.DataArray, labels: np.ndarray, start: Callable[[], State], add: Add, parts: int | None = None
) -> list[State]:
    """Walk once through a field along time, each block read, added to a state, and forgotten.

    The record is cut into as many stretches as there are parts. A task takes a stretch: it runs the graph of one chunk after the other, and
    holds one chunk at a time. The scheduler is Dask's as set: threads, processes, or the cluster of the client.

    Args:
        field: time first; in memory, opened lazily, or chunked.
        labels: one for each time, given to `add` with the block.
        start: makes an empty state.
        add: adds a block to the state, in place. It must leave the block as it is.
        parts: how many tasks; the number of Dask's workers if not given.

    Returns:
        The state of each part, in order; for the caller to put together.
    """
    chunked = field if field.chunks else field.chunk()
    (array,) = dask.optimize(chunked.chunk(dict.fromkeys(field.dims[1:], -1)).data)
    edges = np.cumsum([0, *array.chunks[0]])
    number = min(parts or _workers(), array.numblocks[0])
    cuts = np.linspace(0, array.numblocks[0], number + 1).round().astype(int)
    tasks = [
        dask.delayed(partial(_walk, array.blocks[first:last], labels[edges[first] : edges[last]], start, add), pure=False)()
        for first, last in zip(cuts, cuts[1:], strict=False)
    ]
    return list(dask.compute(*tasks))


def _walk(array: da.Array, labels: np.ndarray, start: Callable[[], State], add: Add) -> State:
    """Run the graph of one block after the other in this thread, and add each to the state."""
    keys = list(flatten(array.__dask_keys__()))
    graph, _ = cull(dict(array.__dask_graph__()), keys)
    state, done = start(), 0
    for key in keys:
        needed, _ = cull(graph, [key])
        block = dask.get(needed, key)
        add(state, block, labels[done : done + len(block)])
        done += len(block)
    return state


def _workers() -> int:
    """How many tasks the scheduler runs at once: those of the client, else as configured, else the processors."""
    try:
        from distributed import get_client  # noqa: PLC0415  most uses need none

        return sum(get_client().nthreads().values())
    except (ImportError, ValueError):
        return int(dask.config.get("num_workers", None) or os.process_cpu_count() or 1)


def _time_first(field: xr.DataArray) -> xr.DataArray:
    return field.transpose("time", ...)


def _nothing_yet(shape: tuple[int, ...], times: int) -> State:
    return np.zeros(shape), np.zeros(shape, np.min_scalar_type(times))


def _add_to_sums(state: State, block: np.ndarray, groups: np.ndarray) -> None:
    """Add to the sums and numbers of each group; times of one group that follow each other are summed at once."""
    total, number = state
    ends = np.flatnonzero(np.diff(groups)) + 1
    for first, last in zip([0, *ends], [*ends, len(groups)], strict=True):
        part, group = block[first:last], groups[first]
        there = part == part
        if (there == there[0]).all():  # as over land: missing always, or never
            number[group] += there[0] * number.dtype.type(last - first)
            np.add(total[group], part.sum(axis=0, dtype=float), out=total[group], where=there[0])
        else:
            number[group] += _count(there, number.dtype)
            total[group] += np.where(there, part, part.dtype.type(0)).sum(axis=0, dtype=float)


def _less(block: np.ndarray, groups: np.ndarray, normal: np.ndarray) -> np.ndarray:
    departure = np.empty_like(block)
    for time, group in enumerate(groups.ravel()):
        np.subtract(block[time], normal[group], out=departure[time], casting="same_kind")
    return departure


def _no_range_yet(shape: tuple[int, ...], times: int) -> State:
    return np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape, np.min_scalar_type(times))


def _add_to_range(state: State, block: np.ndarray, _: np.ndarray) -> None:
    low, high, number = state
    np.fmin(low, np.fmin.reduce(block), out=low)
    np.fmax(high, np.fmax.reduce(block), out=high)
    number += _count(block == block, number.dtype)


def _no_counts_yet(shape: tuple[int, ...], times: int) -> State:
    return (np.zeros(shape, np.min_scalar_type(times)),)


def _add_to_steps(low: np.ndarray, width: np.ndarray, state: State, block: np.ndarray, _: np.ndarray) -> None:
    """Count what lies below each edge of a few bins: so many comparisons are faster than to find the bin of each value."""
    (counts,) = state
    before = counts.dtype.type(0)
    for step in range(len(counts)):
        edge = (low + step * width).astype(block.dtype)
        below = _count(block < edge, counts.dtype)
        counts[step] += below - before
        before = below


def _add_to_histogram(low: np.ndarray, width: np.ndarray, state: State, block: np.ndarray, _: np.ndarray) -> None:
    """Count what lies below the range, and what lies in each of many bins: only few values lie inside, and are looked up."""
    below, counts = state[0][0], state[0][1:].reshape(-1)
    edge, scale = low.astype(block.dtype), np.divide(1, width, out=np.zeros_like(width), where=width > 0).astype(block.dtype)
    bins = len(state[0]) - 1
    below += _count(block < edge, below.dtype)
    for field in block:
        place = ((field - edge) * scale).ravel()
        inside = np.flatnonzero((place >= 0) & (place < bins))
        # Within one time no point comes twice, so that plain indexing counts right.
        counts[place[inside].astype(np.intp) * low.size + inside] += 1


def _count(true: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """How many are true along time. In bytes, as long as they suffice, this is ten times as fast as in larger numbers."""
    total = np.zeros(true.shape[1:], dtype)
    for first in range(0, len(true), 255):
        total += true[first : first + 255].view(np.uint8).sum(axis=0, dtype=np.uint8)
    return total
