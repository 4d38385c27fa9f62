"""Many files as one array: a file a month, one Zarr store, and an index by which Zarr reads the files themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import xarray as xr
from obspec_utils.registry import ObjectStoreRegistry
from obstore.store import LocalStore
from virtualizarr import open_virtual_dataset
from virtualizarr.parsers import HDFParser


def write_months(field: xr.DataArray, folder: Path, compressed: bool = True) -> list[Path]:
    """Write a netCDF-4 file for each time of a monthly field, each with one chunk, named by year and month: ``1890-01.nc``.

    All files count their time from the same day, so that their numbers, and not only their dates, can be joined.

    Args:
        field: any shape with a dimension `time`, monthly, in any calendar; it needs a name.
        folder: where to write; it has to exist.
        compressed: whether to deflate the values (zlib, level 4, bytes shuffled).

    Returns:
        The files, in the order of their times.

    Raises:
        ValueError: two times are in the same month, or the field has no name.
    """
    months = field["time"].dt.strftime("%Y-%m").values
    if len(set(months)) < len(months):
        raise ValueError("two times of the field are in the same month; give one time a month")
    data = field.drop_encoding().to_dataset()
    packing = {"zlib": compressed, "chunksizes": tuple(1 if dim == "time" else size for dim, size in field.sizes.items())}
    clock = {"units": f"days since {months[0]}-01", "dtype": "float64"}
    files = [folder / f"{month}.nc" for month in months]
    for number, file in enumerate(files):
        data.isel(time=[number]).to_netcdf(file, engine="netcdf4", encoding={field.name: packing, "time": clock})
    return files


def write_store(field: xr.DataArray, path: Path, chunks: Mapping[str, int]) -> Path:
    """Write a field as one Zarr store.

    Args:
        field: any shape; it needs a name.
        path: the folder of the store; one that is there is replaced.
        chunks: the length of a chunk along each dimension; a dimension that is not named is not cut.

    Returns:
        `path`.
    """
    lengths = {dim: chunks.get(str(dim), size) for dim, size in field.sizes.items()}
    data = field.drop_encoding().chunk(lengths).to_dataset()
    data.to_zarr(path, mode="w", consolidated=False, encoding={field.name: {"chunks": tuple(lengths.values())}})
    return path


def write_index(files: Sequence[Path], path: Path) -> Path:
    """Write an index of netCDF-4 files, which says where in which file each chunk lies: the values are not copied.

    ``xarray.open_dataset(str(path), engine="kerchunk")`` reads by it. It holds a copy of the coordinates, and is true only of the
    files as they are now.

    Args:
        files: files of one grid, in the order of their times; each has a dimension `time`.
        path: the index, a JSON file in the format of kerchunk.

    Returns:
        `path`.

    Raises:
        ValueError: the files are not on one grid, or the length of one is no multiple of its chunks, for which Zarr has no word.
        NotImplementedError: the files are not compressed alike.
    """
    with xr.open_dataset(files[0]) as first:
        coordinates = [str(name) for name in first.coords]
    here = ObjectStoreRegistry({"file://": LocalStore()})
    parts = [
        open_virtual_dataset(f"file://{file}", registry=here, parser=HDFParser(), loadable_variables=coordinates) for file in files
    ]
    joined = xr.concat(
        parts, "time", data_vars="minimal", coords="minimal", compat="equals", join="exact", combine_attrs="override"
    )
    joined.vz.to_kerchunk(path, format="json")
    return path


def on_disk(paths: Sequence[Path]) -> tuple[int, int]:
    """How many files there are, those in folders counted too, and how many bytes they hold."""
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file()]
    return len(files), sum(file.stat().st_size for file in files)
