"""A seasonal ensemble: its mean, its spread, how likely a threshold is passed, and the index of El Niño."""

from __future__ import annotations

import numpy as np
import xarray as xr

from examples.one_pass import count

NINO34 = {"south": -5.0, "north": 5.0, "west": -170.0, "east": -120.0}
"""The box of Niño 3.4 in degrees: Trenberth, K. E. (1997), Bull. Amer. Meteor. Soc. 78, 2771-2777."""


def mean(field: xr.DataArray) -> xr.DataArray:
    """The mean over the members.

    Args:
        field: any shape with a dimension `realization`.

    Returns:
        The same without `realization`, in the field's own units.
    """
    return field.mean("realization", keep_attrs=True)


def spread(field: xr.DataArray) -> xr.DataArray:
    """The spread of the members: the standard deviation about their mean, with the divisor n, as Xarray's own `std`.

    With few members it is a little smaller than the spread of the whole distribution, by the root of (n - 1) / n:
    Fortin et al. (2014), J. Hydrometeor. 15, 1708-1713.

    Args:
        field: any shape with a dimension `realization`.

    Returns:
        The same without `realization`, in the field's own units; missing where there are fewer than two members.
    """
    members = field.notnull().sum("realization")
    return field.std("realization", keep_attrs=True).where(members > 1)


def probability_above(field: xr.DataArray, threshold: float | xr.DataArray) -> xr.DataArray:
    """The share of members above a threshold, from 0 to 1.

    Args:
        field: any shape with a dimension `realization`.
        threshold: in the field's units; a number, or an array that broadcasts against the field.

    Returns:
        The field's shape without `realization`, dimensionless; missing where no member has a value, or the
        threshold has none.
    """
    excess = field - threshold
    above = (excess > 0).where(excess.notnull())
    return above.mean("realization", keep_attrs=False).assign_attrs(long_name="share of members above the threshold", units="1")


def box(field: xr.DataArray, south: float, north: float, west: float, east: float) -> xr.DataArray:
    """The part of a field inside a box, whichever way its latitudes run and wherever its longitudes begin.

    Args:
        field: any shape with the coordinates `latitude` and `longitude` in degrees.
        south, north, west, east: the edges in degrees, themselves inside; from `west` the box goes eastwards to `east`.

    Raises:
        ValueError: no point of the field is inside the box.
    """
    # Single precision, and turning a longitude by 360, can put a point on the edge a hair outside.
    hair = 1e-3
    width = (east - west) % 360 or 360
    rows = (field["latitude"] >= south - hair) & (field["latitude"] <= north + hair)
    columns = (field["longitude"] - west + hair) % 360 <= width + 2 * hair
    part = field.isel(latitude=np.flatnonzero(rows), longitude=np.flatnonzero(columns))
    if 0 in (part.sizes["latitude"], part.sizes["longitude"]):
        raise ValueError(f"no point between {south}° and {north}° north and between {west}° and {east}° east")
    return part


def area_mean(field: xr.DataArray) -> xr.DataArray:
    """The mean over latitude and longitude, each point weighted by the area of its cell; missing points do not count.

    On a regular grid the area of a cell goes with the cosine of its latitude.

    Args:
        field: any shape with the coordinates `latitude`, in degrees, and `longitude`.

    Returns:
        The same without `latitude` and `longitude`, in the field's own units.
    """
    # Rounding can leave the cosine at a pole a little below zero.
    weights: xr.DataArray = xr.ufuncs.cos(xr.ufuncs.deg2rad(field["latitude"].astype(float))).clip(0)
    return field.weighted(weights).mean(["latitude", "longitude"], keep_attrs=True)


def nino34(field: xr.DataArray) -> xr.DataArray:
    """The Niño 3.4 index: the area mean from 5°S to 5°N and 170° to 120°W, in the field's own units."""
    return area_mean(box(field, **NINO34))


def statistics(field: xr.DataArray, threshold: float) -> xr.Dataset:
    """`mean`, `spread` and `probability_above` of an ensemble larger than memory: lazy, all three from one reading, a task a chunk.

    Args:
        field: any shape with a dimension `realization`; any chunks. All members of a chunk's place and time are in memory at once.
        threshold: in the field's units.

    Returns:
        The variables `mean`, `spread` and `probability`, without `realization`, of the field's type; summed in double precision.
    """
    members = field.transpose("realization", ...).chunk(realization=-1)
    told = {"mean": members.attrs, "spread": members.attrs, "probability": {"units": "1"}}
    found = xr.apply_ufunc(
        lambda block: _statistics(np.moveaxis(block, -1, 0), threshold),
        members,
        input_core_dims=[["realization"]],
        output_core_dims=[["statistic"]],
        dask="parallelized",
        keep_attrs=False,
        output_dtypes=[members.dtype],
        dask_gufunc_kwargs={"output_sizes": {"statistic": 3}},
    )
    return xr.Dataset({name: found[..., number].assign_attrs(attrs) for number, (name, attrs) in enumerate(told.items())})


def _statistics(members: np.ndarray, threshold: float) -> np.ndarray:
    """The three statistics of a block, on a last axis of their own; `members` comes first."""
    flat = members.reshape(len(members), -1)
    found = np.empty((3, flat.shape[1]), members.dtype)
    piece = 2**14  # what all members of it take stays in the processor's cache
    for first in range(0, flat.shape[1], piece):
        part = flat[:, first : first + piece]
        there = ~np.isnan(part)
        number = count(there, int)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(there, part, part.dtype.type(0)).sum(axis=0, dtype=float) / number
            departure = np.where(there, part - mean.astype(part.dtype), part.dtype.type(0))
            spread = np.sqrt(np.square(departure).sum(axis=0, dtype=float) / number)
            above = count(part > threshold, int) / number
        found[:, first : first + piece] = mean, np.where(number > 1, spread, np.nan), above
    return np.moveaxis(found.reshape(3, *members.shape[1:]), 0, -1)
