"""Two scenarios of the century: annual means, anomalies from a baseline, and the warming by the end."""

from __future__ import annotations

import xarray as xr

from examples.ensemble import area_mean


def anomaly(field: xr.DataArray, baseline: tuple[int, int]) -> xr.DataArray:
    """The departure from the mean of the baseline years.

    Args:
        field: any shape with a dimension `time`; any calendar.
        baseline: the first and the last year, both inside.

    Returns:
        The same shape, in the field's own units.

    Raises:
        ValueError: no time of the field lies in the baseline.
    """
    return (field - years(field, baseline).mean("time")).assign_attrs(field.attrs)


def warming(field: xr.DataArray, baseline: tuple[int, int], period: tuple[int, int]) -> xr.DataArray:
    """How much warmer the period is than the baseline: the difference of their means, in the field's own units.

    Args:
        field: any shape with a dimension `time`; any calendar.
        baseline, period: the first and the last year of each, both inside.

    Raises:
        ValueError: no time of the field lies in one of the two.
    """
    return years(anomaly(field, baseline), period).mean("time", keep_attrs=True)


def regional_warming(field: xr.DataArray, baseline: tuple[int, int], period: tuple[int, int]) -> xr.DataArray:
    """The warming of the whole region, each point weighted by the area of its cell."""
    return area_mean(warming(field, baseline, period))


def periods(*fields: xr.DataArray) -> tuple[tuple[int, int], tuple[int, int]]:
    """A baseline and the years to compare with it: 1860 to 1900 and 2080 to 2099, where all the fields hold them.

    Else the first forty and the last twenty of the years that all of them hold.

    Raises:
        ValueError: the fields are not on one grid, or have fewer than sixty years in common.
    """
    first = max(int(field["time"].dt.year.min()) for field in fields)
    last = min(int(field["time"].dt.year.max()) for field in fields)
    if any(not field[axis].equals(fields[0][axis]) for field in fields for axis in ("latitude", "longitude")):
        raise ValueError("the scenarios lie on different grids; give all of them in the visit file, on one grid")
    if last - first < 59:
        raise ValueError(f"the scenarios have only the years {first} to {last} in common; sixty are needed")
    if any(field.sizes["time"] != fields[0].sizes["time"] for field in fields):
        raise ValueError("the scenarios do not have the same years; give all of them in the visit file, cut to the same")
    return ((1860, 1900), (2080, 2099)) if first <= 1860 and last >= 2099 else ((first, first + 39), (last - 19, last))


def years(field: xr.DataArray, period: tuple[int, int]) -> xr.DataArray:
    """The times of a field from the first to the last year of a period, both inside.

    Raises:
        ValueError: there is none.
    """
    first, last = period
    year = field["time"].dt.year
    part = field.isel(time=((year >= first) & (year <= last)).to_numpy().nonzero()[0])
    if part.sizes["time"] == 0:
        raise ValueError(f"the field has no time from {first} to {last}; it goes from {int(year[0])} to {int(year[-1])}")
    return part
