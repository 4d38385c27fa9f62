"""Two scenarios of the century: anomalies from a baseline, decade by decade, the warming by the end, and when a level is passed."""

from __future__ import annotations

import numpy as np
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


def annual(field: xr.DataArray) -> xr.DataArray:
    """One value a year: the mean of its months, each as long as the field's calendar has it. Annual data come back as they are.

    Args:
        field: any shape with a dimension `time`, in order; any calendar.

    Returns:
        The same shape but for `time`, in the field's own units; missing where a year lacks a month that the fullest year has. A
        year at either end that is there in part is left out.
    """
    if (np.diff(field["time"].dt.year) == 1).all():
        return field
    year, count = np.unique(np.unique(12 * field["time"].dt.year + field["time"].dt.month - 1) // 12, return_counts=True)
    full = year[count == count.max()]
    month = years(field, (full[0], full[-1])).resample(time="MS").mean("time", keep_attrs=True)
    days, there = month["time"].dt.days_in_month, month.notnull()
    months, length = (counted.resample(time="YS").sum("time") for counted in (there, days * there))
    whole = (months > 0) & (months == months.max("time"))
    return ((month * days).resample(time="YS").sum("time") / length.where(whole)).assign_attrs(field.attrs)


def decades(field: xr.DataArray) -> xr.DataArray:
    """The mean of each decade that the field holds in full, from a year that ends in 0 to one that ends in 9.

    Args:
        field: any shape with a dimension `time`, in order; any calendar.

    Returns:
        The same with `decade`, its first year, in the place of `time`; in the field's own units.

    Raises:
        ValueError: the field holds no whole decade.
    """
    field = annual(field)
    year = field["time"].dt.year
    first, last = -(-int(year[0]) // 10) * 10, (int(year[-1]) + 1) // 10 * 10 - 1
    if last < first:
        raise ValueError(f"the field holds no whole decade; it goes from {int(year[0])} to {int(year[-1])}")
    whole = years(field, (first, last))
    whole = whole.assign_coords(time=whole["time"].dt.year)
    return whole.coarsen(time=10, coord_func="min").mean(keep_attrs=True).rename(time="decade")


def crossing(field: xr.DataArray, baseline: tuple[int, int], threshold: float = 2.0, period: int = 20) -> xr.DataArray:
    """The year in which each place passes a warming for good: the middle of the first period that is above, as all later ones are.

    The mean of twenty years is what the IPCC dates a level of warming by (2021, Sixth Assessment Report, Working Group I,
    Cross-Section Box TS.1, Table 1). It takes the first period above; here none after it may fall back, as far as the data go. Maps
    of such years, for these scenarios' time: Joshi et al. (2011), Nature Climate Change 1, 407-412.

    Args:
        field: any shape with a dimension `time`, in order; any calendar.
        baseline: the first and the last year of the baseline, both inside.
        threshold: the warming above the baseline, in the field's own units.
        period: years. The middle of an even number is the first year of its second half: 2040 for 2030 to 2049.

    Returns:
        The field's shape without `time`: years. Missing where the last period is not above. A place above from the start has the
        middle of the first period. A period that lacks a year does not count, either way.

    Raises:
        ValueError: no time of the field lies in the baseline.
    """
    rise = anomaly(annual(field), baseline)
    windows = rise.assign_coords(time=rise["time"].dt.year).rolling(time=period, center=True).construct("window")
    mean = windows.mean("window", skipna=False)
    year = mean["time"]
    before, after = year.min() - 1, year.max() + 1
    last_not_above = year.where(mean <= threshold, before).max("time")
    crossed = year.where((mean > threshold) & (year > last_not_above), after).min("time")
    return crossed.where(crossed < after).rename("crossing").assign_attrs(long_name="year of crossing")


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
