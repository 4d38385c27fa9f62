"""The ash of 2010: how much of the sky is above what an aircraft may fly through."""

from __future__ import annotations

import iris
import numpy as np
import xarray as xr
from ncdata.iris_xarray import cubes_to_xarray

from examples import samples

LIMITS = {"low": 0.2, "medium": 2.0, "high": 4.0}
"""Where the zones of London's charts begin, in mg m-3: ICAO EUR Doc 019 and NAT Doc 006, part II (2010).

In the United Kingdom of 2010 what was above 2 was closed from 21 April, and from 18 May what was above 4.
"""

EARTH = 6371.229
"""The radius in km of the sphere on which NAME and the Unified Model compute."""


def concentration() -> xr.DataArray:
    """The ash in each layer of the air, as NAME wrote it and Iris reads it: what the file does not list is zero.

    Returns:
        `flight_level`, `latitude`, `longitude`, in mg m-3; the levels are the middles of the layers, in hundreds of feet.

    Raises:
        MissingData: the file is not there, or not what it should be.
    """
    (file,) = samples.paths("ash")
    cube = iris.load_cube(str(file))
    cube.convert_units("mg m-3")
    cube.var_name = "ash"
    with iris.FUTURE.context(save_split_attrs=True):
        field = cubes_to_xarray([cube])["ash"].load()
    return field.drop_attrs().assign_attrs(units="mg m-3", long_name="volcanic ash, mean of a layer and of six hours")


def cell_areas(field: xr.DataArray) -> xr.DataArray:
    """The area in km² of each cell of a regular grid: the part of the sphere between its four edges.

    Args:
        field: the coordinates `latitude` and `longitude` in degrees, each evenly spaced, in either direction.

    Returns:
        One for each latitude, since it is the same along it.
    """
    step = {axis: abs(np.deg2rad(np.diff(field[axis].to_numpy().astype(float)).mean())) for axis in ("latitude", "longitude")}
    latitude = np.deg2rad(field["latitude"].astype(float))
    edges = (np.clip(latitude + half * step["latitude"], -np.pi / 2, np.pi / 2) for half in (-0.5, 0.5))
    south, north = (np.sin(edge) for edge in edges)
    return (EARTH**2 * step["longitude"] * (north - south)).assign_attrs(units="km2")


def area_above(field: xr.DataArray, limit: float) -> xr.DataArray:
    """The area in km² where a field is above a limit; what is missing is not.

    Args:
        field: any shape with `latitude` and `longitude`, on a regular grid.
        limit: in the field's units.

    Returns:
        The same without `latitude` and `longitude`.
    """
    area = cell_areas(field).where(field > limit, 0).sum(["latitude", "longitude"])
    return area.assign_attrs(units="km2")


def peak(field: xr.DataArray) -> xr.DataArray:
    """The largest value of a field, with the coordinates of its place: one value, in the field's units."""
    return field.isel(field.argmax(...))
