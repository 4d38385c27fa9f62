"""The exercises on storage: many files as one array, chunks that fit the questions, a store that grows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr
import zarr
from zarr.abc.store import ByteRequest
from zarr.core.buffer import Buffer, BufferPrototype
from zarr.storage import MemoryStore

from examples.exercises import NotYet, array, no_blank

SERIES_AND_MONTH = (8, 8)
"""As many chunks as `check_chunks` allows for the series of one point, and for the map of one month."""


def check_many_files(answer: object, whole: xr.DataArray) -> str:
    """Check that many files were opened as one array, in the order of time, and not read.

    Args:
        answer: what was given.
        whole: (time, latitude, longitude), what the files hold.

    Returns:
        A sentence with the size of the array.

    Raises:
        NotYet: it is something else.
    """
    if isinstance(answer, xr.Dataset):
        raise NotYet(f"this is the whole data set; take the variable {', '.join(map(str, answer.data_vars))} out of it")
    opened = array(answer, whole.dims)
    if opened.sizes["time"] != whole.sizes["time"]:
        raise NotYet(f"it holds {opened.sizes['time']} months, and the files hold {whole.sizes['time']}")
    if opened.chunks is None:
        raise NotYet("everything was read into memory: open the files without loading them")
    if not opened.indexes["time"].is_monotonic_increasing:
        raise NotYet("the months stand in the order of the files' names: let the time coordinate say which comes first")
    if not np.array_equal(opened.to_numpy(), whole.to_numpy(), equal_nan=True):
        raise NotYet("the values are not those of the files")
    return f"Right: {opened.nbytes / 1e6:.0f} MB in {opened.data.npartitions} chunks, opened without reading the values."


def chunks_read(field: xr.DataArray, chunks: Sequence[int]) -> tuple[int, int]:
    """How many chunks a Zarr store is asked for: for the series of one point, and for the map of one month.

    The field is written to memory in these chunks, and the reads are counted.

    Args:
        field: (time, latitude, longitude).
        chunks: the length of a chunk along each of the three.
    """
    store = _Counted()
    written = zarr.create_array(store, shape=field.shape, chunks=tuple(chunks), dtype=field.dtype, fill_value=np.nan)
    written[...] = field.to_numpy()
    counts = []
    for part in ((slice(None), 0, 0), (0, slice(None), slice(None))):
        store.asked.clear()
        np.asarray(written[part])
        counts.append(len(store.asked))
    return counts[0], counts[1]


def check_chunks(answer: object, field: xr.DataArray) -> str:
    """Check that both questions can be answered from few chunks: at most those of `SERIES_AND_MONTH`.

    Args:
        answer: what was given: the length of a chunk along time, latitude and longitude.
        field: (time, latitude, longitude).

    Returns:
        A sentence with the two numbers of chunks.

    Raises:
        NotYet: it is something else, or too many chunks are read.
    """
    no_blank(answer)
    if not (isinstance(answer, Sequence) and len(answer) == field.ndim and all(isinstance(n, int) and n > 0 for n in answer)):
        raise NotYet(f"write three whole numbers, such as (1, {field.shape[1]}, {field.shape[2]})")
    if too_long := [name for name, n, size in zip(field.dims, answer, field.shape, strict=True) if n > size]:
        raise NotYet(f"the chunk is longer than the field along {', '.join(map(str, too_long))}: {dict(field.sizes)}")
    series, month = chunks_read(field, answer)
    if all(n == size for n, size in zip(answer, field.shape, strict=True)):
        raise NotYet("one chunk holds everything: each question then reads the whole field")
    for name, count, most, mend in (
        ("the series of one point", series, SERIES_AND_MONTH[0], "make the chunk longer in time"),
        ("the map of one month", month, SERIES_AND_MONTH[1], "make the chunk larger on the map"),
    ):
        if count > most:
            raise NotYet(f"{name} reads {count} chunks, and at most {most} are allowed: {mend}")
    return f"Right: the series reads {series} chunks, the map {month}."


def check_store(path: Path, field: xr.DataArray) -> str:
    """Check that a Zarr store holds a field, whole and unchanged, under the field's own name.

    Args:
        path: the folder of the store.
        field: (time, latitude, longitude), with its units in the attributes.

    Returns:
        A sentence with the size of the store on the disk.

    Raises:
        NotYet: it does not.
    """
    if not path.exists():
        raise NotYet(f"there is no store yet: write to {path.name}")
    with xr.open_zarr(path, consolidated=False) as stored:
        if field.name not in stored:
            raise NotYet(f"the store holds {', '.join(map(str, stored)) or 'nothing'}; the variable is to be called {field.name}")
        found = stored[field.name].load()
    months, wanted = found.sizes["time"], field.sizes["time"]
    if months < wanted and np.array_equal(found["time"], field["time"][-months:]):
        raise NotYet(f"only the last {months} months are left: the second write replaced the first; append instead")
    if months != wanted:
        raise NotYet(f"the store holds {months} months of {wanted}: was a part left out, or written twice?")
    if not np.array_equal(found["time"], field["time"]):
        raise NotYet("the months do not stand in the order of time")
    if found.attrs.get("units") != field.attrs["units"] or not np.array_equal(found, field, equal_nan=True):
        raise NotYet(f"the values or their unit have changed on the way: {field.attrs['units']} is wanted, bit by bit")
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return f"Right: {months} months, bit by bit; {size / 1e6:.1f} MB on the disk."


class _Counted(MemoryStore):
    """A store in memory that notes which chunks it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    async def get(self, key: str, prototype: BufferPrototype | None = None, byte_range: ByteRequest | None = None) -> Buffer | None:
        if key.startswith("c/"):
            self.asked.add(key)
        return await super().get(key, prototype, byte_range)
