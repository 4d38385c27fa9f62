"""A cube of Iris as a dataset of Xarray and back again, by two ways, and what differs afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import iris
import netCDF4
import numpy as np
import xarray as xr
from iris.coords import Coord
from iris.cube import Cube
from iris.fileformats.pp import PPDataProxy
from ncdata.iris_xarray import cubes_from_xarray, cubes_to_xarray


def to_xarray(cube: Cube) -> xr.Dataset:
    """The cube as a dataset, by `ncdata`: what Iris would write to a file, without the file. A lazy field stays lazy.

    Masked points are missing in the dataset. That takes a fill value, which Iris does not give by itself: without one, Xarray takes
    netCDF's default, 9.97e36, for a number. A lazy field always gets one, since only reading it would show whether it is masked;
    lazy integers so become floating-point numbers, as wherever Xarray meets a fill value, and one that is netCDF's default for its
    type, such as -32767 of two bytes, is taken for missing.

    Raises:
        ValueError: the field is of one byte a value and may be masked: each value of a byte may be meant.
    """
    masked = cube.has_lazy_data() or np.ma.is_masked(cube.data)
    if masked and cube.dtype.itemsize == 1:
        raise ValueError(
            f"{cube.name()} is of one byte a value ({cube.dtype}), which leaves no value to stand for a masked point;"
            " convert it first, cube.data = cube.core_data().astype('int16')"
        )
    filled = {"fill_value": netCDF4.default_fillvals[cube.dtype.str[1:]]} if masked else {}
    with iris.FUTURE.context(save_split_attrs=True):
        return cubes_to_xarray([cube], iris_save_kwargs=filled)


def from_xarray(dataset: xr.Dataset, name: str) -> Cube:
    """The cube of that name out of a dataset, by `ncdata`: what Iris would load from a file. Lazy fields stay lazy.

    Raises:
        iris.exceptions.ConstraintMismatchError: no cube, or more than one, has that name.
    """
    return cubes_from_xarray(dataset).extract_cube(name)


def by_ncdata(cube: Cube) -> Cube:
    """The cube after a way to Xarray and back by `ncdata`."""
    return from_xarray(to_xarray(cube), cube.name())


def by_xarray(cube: Cube) -> Cube:
    """The cube after a way to Xarray and back by Xarray's own converters, `from_iris` and `to_iris`."""
    return xr.DataArray.from_iris(cube).to_iris()


def fields_read(call: Callable[[], Any]) -> int:
    """How many fields of PP files were read, all or in part, while a call ran."""
    read = []

    def get(proxy: PPDataProxy, keys: Any) -> Any:
        read.append(keys)
        return original(proxy, keys)

    original = PPDataProxy.__getitem__
    with patch.object(PPDataProxy, "__getitem__", get):
        call()
    return len(read)


def differences(cube: Cube, back: Cube) -> list[str]:
    """What another cube has not, has besides, or has otherwise; empty if all is as it was.

    Compared are names, units with their calendars, attributes, cell methods, coordinates with points, bounds and the dimensions
    they lie on, formulas of vertical coordinates, the names of cell measures and ancillary variables, and the values with their
    type and mask. Both cubes are read from their files where they are lazy, and stay lazy.
    """
    return [
        *_metadata("cube", cube, back),
        *_changed("cell methods", cube.cell_methods, back.cell_methods),
        *_coordinates(cube, back),
        *_changed("formulas", _formulas(cube), _formulas(back)),
        *_changed("cell measures", *({m.name() for m in one.cell_measures()} for one in (cube, back))),
        *_changed("ancillary variables", *({v.name() for v in one.ancillary_variables()} for one in (cube, back))),
        *_values("cube", cube.lazy_data().compute(), back.lazy_data().compute()),
    ]


def _metadata(what: str, one: Cube | Coord, other: Cube | Coord) -> Iterator[str]:
    for name in ("standard_name", "long_name", "var_name", "units"):
        yield from _changed(f"{what}: {name}", getattr(one, name), getattr(other, name))
    yield from _changed(f"{what}: calendar", one.units.calendar, other.units.calendar)
    for key in sorted({*one.attributes, *other.attributes}):
        yield from _changed(f"{what}: attribute {key}", one.attributes.get(key), other.attributes.get(key))


def _coordinates(cube: Cube, back: Cube) -> Iterator[str]:
    left = back.coords()
    for one in cube.coords():
        what = f"coordinate {one.name()}"
        other = next((coord for coord in left if one.name() in (coord.name(), coord.long_name, coord.var_name)), None)
        if other is None:
            yield f"{what}: lost"
            continue
        left.remove(other)
        yield from _metadata(what, one, other)
        yield from _changed(f"{what}: kind", _kind(cube, one), _kind(back, other))
        yield from _changed(f"{what}: dimensions", cube.coord_dims(one), back.coord_dims(other))
        yield from _changed(f"{what}: grid", one.coord_system, other.coord_system)
        yield from _changed(f"{what}: climatological", one.climatological, other.climatological)
        yield from _changed(f"{what}: has bounds", one.has_bounds(), other.has_bounds())
        yield from _values(what, one.points, other.points)
        if one.has_bounds() and other.has_bounds():
            yield from _values(f"{what}: bounds", one.bounds, other.bounds)
    yield from (f"coordinate {coord.name()}: new" for coord in left)


def _kind(cube: Cube, coord: Coord) -> str:
    if coord in cube.derived_coords:
        return "derived"
    return "dimension" if coord in cube.dim_coords else "auxiliary"


def _formulas(cube: Cube) -> set[tuple[str, ...]]:
    """Each formula by its kind and the names of its terms."""
    return {
        (
            type(factory).__name__,
            *(f"{term}={coord.long_name or coord.name()}" for term, coord in sorted(factory.dependencies.items()) if coord),
        )
        for factory in cube.aux_factories
    }


def _values(what: str, one: Any, other: Any) -> Iterator[str]:
    yield from _changed(f"{what}: type", one.dtype, other.dtype)
    yield from _changed(f"{what}: shape", one.shape, other.shape)
    if one.shape != other.shape:
        return
    masks = [np.ma.getmaskarray(values) for values in (one, other)]
    yield from _changed(f"{what}: masked points", *(int(mask.sum()) for mask in masks))
    both = ~(masks[0] | masks[1])
    known = [np.ma.getdata(values)[both] for values in (one, other)]
    same = known[0] == known[1]
    if known[0].dtype.kind == "f" and known[1].dtype.kind == "f":
        same |= np.isnan(known[0]) & np.isnan(known[1])
    if not same.all() or (masks[0] ^ masks[1]).any():
        yield f"{what}: {int((~same).sum() + (masks[0] ^ masks[1]).sum())} of {one.size} values differ"


def _changed(what: str, one: Any, other: Any) -> Iterator[str]:
    arrays = any(isinstance(value, np.ndarray) for value in (one, other))
    if not (np.array_equal(one, other) if arrays else one == other):
        yield f"{what}: {one} became {other}"
