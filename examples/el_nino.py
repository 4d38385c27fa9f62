"""El Niño in three records: anomalies from the calendar month, and how two series go together."""

from __future__ import annotations

import xarray as xr


def monthly_anomaly(field: xr.DataArray) -> xr.DataArray:
    """The departure of each month from the mean of all the same calendar months in the record.

    Args:
        field: any shape with a dimension `time`, monthly; any calendar.

    Returns:
        The same shape, in the field's own units.
    """
    months = field["time"].dt.month
    climatology = field.groupby(months).mean("time")
    anomaly = field.groupby(months) - climatology
    return anomaly.drop_vars("month").assign_attrs(field.attrs)


def running_mean(series: xr.DataArray, months: int = 5) -> xr.DataArray:
    """The mean over an odd number of months around each; missing at both ends, where the window is not full.

    Five months smooth the index of El Niño: Trenberth, K. E. (1997), Bull. Amer. Meteor. Soc. 78, 2771-2777.
    """
    return series.rolling(time=months, center=True).mean(keep_attrs=True)


def correlation(first: xr.DataArray, second: xr.DataArray) -> xr.DataArray:
    """Pearson's correlation of two series over the months that both have, matched by year and month.

    Args:
        first, second: a dimension `time`, monthly; any day of the month, the same calendar.

    Returns:
        A number from -1 to 1.

    Raises:
        ValueError: fewer than three months in common.
    """
    left, right = xr.align(by_month(first), by_month(second), join="inner")
    if int((left.notnull() & right.notnull()).sum()) < 3:
        raise ValueError("the two series have fewer than three months in common")
    return xr.corr(left, right, "time")


def by_month(series: xr.DataArray) -> xr.DataArray:
    """The same series with its times set to the month as a number, 12 times the year plus the month."""
    return series.assign_coords(time=12 * series["time"].dt.year + series["time"].dt.month)
