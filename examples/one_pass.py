"""One walk through a record larger than memory: the one helper of the examples at scale that is not plain Xarray.

Block by block inside a few large tasks, with one state a task: neither the number of tasks nor the memory grows with the
length of the record.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import dask
import dask.array as da
import numpy as np
import numpy.typing as npt
import xarray as xr
from dask.core import flatten
from dask.delayed import Delayed
from dask.optimization import cull
from dask.system import CPU_COUNT

type State = tuple[np.ndarray, ...]
"""What a pass keeps: arrays that it changes in place."""
type Add = Callable[[State, np.ndarray, np.ndarray], None]
"""Takes the state, a block (time first) and the label of each of its times, and adds the block to the state."""


FILLS = ("_FillValue", "missing_value")
"""The attributes that CF has for the numbers that stand for a missing value. Xarray takes them away when it decodes."""


def walk(field: xr.DataArray, labels: np.ndarray, start: Callable[[], State], add: Add, parts: int | None = None) -> list[Delayed]:
    """The tasks of one walk through a field along time, in which each block is read, added to a state, and forgotten.

    The record is cut into as many stretches as there are parts. A task takes a stretch: it runs the graph of one chunk after
    the other, and holds one chunk at a time. The scheduler is Dask's as set: threads, processes, or the client's cluster.

    Args:
        field: time first. What has no chunks is cut into some of Dask's size, `array.chunk-size`.
        labels: one for each time, given to `add` with the block.
        start: makes an empty state.
        add: adds a block to the state, in place. It must leave the block as it is.
        parts: how many tasks; the number of Dask's workers if not given.

    Returns:
        The state of each part, in order, each a task; for the caller to put together. On a cluster, what is large is better put
        together in a task as well: a state then goes from worker to worker, and not through the scheduler.
    """
    chunked = field if field.chunks else field.chunk(time="auto")
    (array,) = dask.optimize(chunked.chunk(dict.fromkeys(field.dims[1:], -1)).data)
    edges = np.cumsum([0, *array.chunks[0]])
    number = min(parts or _workers(), array.numblocks[0])
    cuts = np.linspace(0, array.numblocks[0], number + 1).round().astype(int)
    return [
        dask.delayed(partial(_stretch, array.blocks[first:last], labels[edges[first] : edges[last]], start, add), pure=False)()
        for first, last in pairwise(cuts)
    ]


def _stretch(array: da.Array, labels: np.ndarray, start: Callable[[], State], add: Add) -> State:
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
        return int(dask.config.get("num_workers", None) or CPU_COUNT)


def count(true: np.ndarray, dtype: npt.DTypeLike) -> np.ndarray:
    """How many are true along time. In bytes, as long as they suffice, this is ten times as fast as in larger numbers."""
    total = np.zeros(true.shape[1:], dtype)
    for first in range(0, len(true), 255):
        total += true[first : first + 255].view(np.uint8).sum(axis=0, dtype=np.uint8)
    return total


def fills(field: xr.DataArray) -> list[np.generic]:
    """The numbers that stand for a missing value in an undecoded field (`mask_and_scale=False`), of its type; none if decoded.

    Raises:
        ValueError: the field is packed: its values are to be scaled too.
    """
    if packed := [name for name in ("scale_factor", "add_offset", "_Unsigned") if name in field.attrs]:
        raise ValueError(f"the field is packed (it has {packed[0]}), and not decoded; open it without mask_and_scale=False")
    return [value for name in FILLS if name in field.attrs for value in np.atleast_1d(field.attrs[name]).astype(field.dtype)]


def need_decoded(field: xr.DataArray) -> None:
    """Refuse a field in which numbers stand for missing values.

    Raises:
        ValueError: there are some, or the field is packed.
    """
    if fills(field):
        raise ValueError("the field is not decoded (it has a fill value); open it without mask_and_scale=False")
