"""Quantiles of a record larger than memory, in three passes and bounded memory."""

from __future__ import annotations

from functools import partial, reduce

import dask
import numpy as np
import xarray as xr

from examples.one_pass import State, count, need_decoded, walk

COARSE, FINE = 32, 128
"""Bins of the second and the third pass of `quantile`."""


def quantile(field: xr.DataArray, q: float, parts: int | None = None) -> xr.DataArray:
    """The quantile over time: the smallest value that at least the share `q` of all values does not exceed (`inverted_cdf`).

    No single pass has the exact one in bounded memory (Munro and Paterson, 1980, doi:10.1016/0304-3975(80)90061-4), and one to
    this accuracy would take thousands of counts a point. Here the first pass finds the range of each point, the second in which
    32nd of it the quantile lies, and the third in which 128th of that: the answer is right to the range of the point over 8192,
    or to half of the last digit that the field holds where that is more. CDO's `timpctl` takes three passes too, and 101 bins.

    Args:
        field: any shape with a dimension `time`, of 4 or 8 bytes floating point; missing values do not count.
        q: above 0, and at most 1.
        parts: as for `mean`.

    Returns:
        The field without `time`, double precision, in its own units; missing where there is no value.

    Raises:
        ValueError: `q` is not such a share, the field is of another type, not decoded, or holds an infinite value.
    """
    if not 0 < q <= 1:
        raise ValueError(f"a quantile is asked for as a share above 0 and at most 1, not {q}")
    if field.dtype not in (np.float32, np.float64):
        raise ValueError(f"the quantile is of float32 or float64, not of {field.dtype}; convert the field with .astype first")
    need_decoded(field)
    field = field.transpose("time", ...)
    none, shape = np.zeros(field.sizes["time"], dtype=np.int8), field.shape[1:]
    found = walk(field, none, partial(_no_range_yet, shape, len(none)), _add_to_range, parts)
    low, high, number = dask.delayed(_whole_range)(found).compute()
    if np.isinf([low, high]).any():
        raise ValueError("the field holds infinite values; leave them out with .where first")
    rank, width = np.maximum(np.ceil(q * number), 1), np.where(number, high - low, 0)
    for bins, add in ((COARSE, _add_to_steps), (FINE, _add_to_histogram)):
        width = width / bins
        scale = np.divide(1, width, out=np.zeros_like(width), where=width > 0)
        start = partial(_no_counts_yet, (bins + 1, *shape), len(none))
        counted = walk(field, none, start, partial(add, low.astype(field.dtype), scale.astype(field.dtype)), parts)
        low = low + dask.delayed(_bins_below)(counted, rank).compute() * width
    coords = {name: coord for name, coord in field.coords.items() if "time" not in coord.dims}
    return xr.DataArray(np.minimum(low + width / 2, high), coords, field.dims[1:], field.name, field.attrs)


def _no_range_yet(shape: tuple[int, ...], times: int) -> State:
    return np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape, np.min_scalar_type(times))


def _add_to_range(state: State, block: np.ndarray, _: np.ndarray) -> None:
    low, high, number = state
    np.fmin(low, np.fmin.reduce(block), out=low)
    np.fmax(high, np.fmax.reduce(block), out=high)
    number += count(~np.isnan(block), number.dtype)


def _whole_range(states: list[State]) -> State:
    low, high, number = zip(*states, strict=True)
    return np.fmin.reduce(low), np.fmax.reduce(high), reduce(np.add, number)


def _bins_below(states: list[State], rank: np.ndarray) -> np.ndarray:
    """How many whole bins lie below the value of this rank. The first row of the counts is what lies below all bins."""
    counts = reduce(np.add, (state[0] for state in states))
    rows = (counts.cumsum(axis=0, dtype=counts.dtype) < rank).sum(axis=0)
    return np.clip(rows - 1, 0, len(counts) - 1)


def _no_counts_yet(shape: tuple[int, ...], times: int) -> State:
    return (np.zeros(shape, np.min_scalar_type(times)),)


def _add_to_steps(low: np.ndarray, scale: np.ndarray, state: State, block: np.ndarray, _: np.ndarray) -> None:
    """Count what lies in each of a few bins, the first of which begins at `low`; `scale` of them are one unit.

    The number of a bin fits in a byte, and bytes are compared and counted fast.
    """
    (counts,) = state
    place, bins, inside = np.empty(low.shape, block.dtype), np.empty(block.shape, np.uint8), np.empty(block.shape, bool)
    for time, field in enumerate(block):
        np.multiply(np.subtract(field, low, out=place), scale, out=place)
        np.fmin(place, 255, out=bins[time, ...], casting="unsafe")  # 255: missing
    for step in range(len(counts) - 1):
        counts[1 + step] += count(np.equal(bins, step, out=inside), counts.dtype)


def _add_to_histogram(low: np.ndarray, scale: np.ndarray, state: State, block: np.ndarray, _: np.ndarray) -> None:
    """Count what lies below the range, and what lies in each of many bins: only few values lie inside, and are looked up."""
    below, counts = state[0][:1], state[0][1:].reshape(-1)
    below += count(block < low, below.dtype)
    place, bins = np.empty(low.shape, block.dtype), len(state[0]) - 1
    for field in block:
        np.multiply(np.subtract(field, low, out=place), scale, out=place)
        inside = np.flatnonzero((place >= 0) & (place < bins))
        # Within one time no point comes twice, so that plain indexing counts right.
        counts[place.ravel()[inside].astype(np.intp) * low.size + inside] += 1
