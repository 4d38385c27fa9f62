"""El Niño in three records: anomalies from the calendar month, and how two series go together, at which lag and how surely."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
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
    # Window by window: a running sum carries its rounding on, and the compiled one refuses a record shorter than the window.
    windows = series.rolling(time=months, center=True).construct("window")
    return windows.mean("window", skipna=False, keep_attrs=True)


def correlation(first: xr.DataArray, second: xr.DataArray, lag: int = 0) -> xr.DataArray:
    """Pearson's correlation of two series over the months that both have, matched by year and month.

    Args:
        first, second: a dimension `time`, monthly; any day of the month, the same calendar.
        lag: by how many months the second is taken later than the first.

    Returns:
        A number from -1 to 1.

    Raises:
        ValueError: fewer than three months in common.
    """
    return xr.corr(*_pair(first, second, lag), "time")


def effective_size(first: xr.DataArray, second: xr.DataArray, lag: int = 0) -> float:
    """How many independent pairs of months the correlation of two series rests on: n / (1 + 2 Σ (1 - k/n) ρ₁(k) ρ₂(k)).

    ρ₁(k) and ρ₂(k) are the autocorrelations k months apart, the mean product of the standardised values of which both are there:
    Bretherton et al. (1999), J. Climate 12, 1990-2009, section 5. The sum goes up to a fifth of the months, since beyond it the
    estimates are mostly noise: Pyper and Peterman (1998), Can. J. Fish. Aquat. Sci. 55, 2127-2140. With gaps, the share of
    the months that have one k months later stands in the place of 1 - k/n.

    Args:
        first, second, lag: as for `correlation`.

    Returns:
        A number of months, at most the n in common.

    Raises:
        ValueError: fewer than three months in common.
    """
    return _independent(*_pair(first, second, lag))


def lagged_correlation(first: xr.DataArray, second: xr.DataArray, lags: Iterable[int]) -> xr.Dataset:
    """The correlation of two series at each lag, with the 95 per cent interval that autocorrelation leaves.

    At a positive lag the first series leads: its months are set against those of the second that come later by `lag` months.
    The interval is Fisher's, tanh(artanh r ± 1.96 / √(n - 3)), with the effective size in the place of n.

    Args:
        first, second: as for `correlation`.
        lags: whole months, positive or negative.

    Returns:
        `r`, `low`, `high` and `n`, the effective size, along `lag`; an effective size of three or less leaves -1 to 1.

    Raises:
        ValueError: fewer than three months in common at one of the lags.
    """
    lags = list(lags)
    pairs = [_pair(first, second, lag) for lag in lags]
    r = np.array([float(xr.corr(*pair, "time")) for pair in pairs])
    size = np.array([_independent(*pair) for pair in pairs])
    with np.errstate(divide="ignore"):
        half = 1.96 / np.sqrt(np.clip(size - 3, 0, None))
    # A correlation of exactly one would be infinite here, and infinity less infinity no number.
    z = np.arctanh(np.clip(r, np.nextafter(-1, 0), np.nextafter(1, 0)))
    values = {"r": r, "low": np.tanh(z - half), "high": np.tanh(z + half), "n": size}
    coords = {"lag": ("lag", lags, {"units": "month", "long_name": "months by which the first series leads"})}
    return xr.Dataset({name: ("lag", value, {"units": "1"}) for name, value in values.items()}, coords)


def by_month(series: xr.DataArray) -> xr.DataArray:
    """The same series with its times set to the month as a number, 12 times the year plus the month."""
    return series.assign_coords(time=12 * series["time"].dt.year + series["time"].dt.month)


def _pair(first: xr.DataArray, second: xr.DataArray, lag: int) -> tuple[xr.DataArray, xr.DataArray]:
    """Both series over their common months, the second moved back by the lag; each missing where the other is."""
    left, right = by_month(first), by_month(second)
    left, right = xr.align(left, right.assign_coords(time=right["time"] - lag), join="inner")
    known = left.notnull() & right.notnull()
    if int(known.sum()) < 3:
        raise ValueError("the two series have fewer than three months in common")
    return left.where(known), right.where(known)


def _independent(left: xr.DataArray, right: xr.DataArray) -> float:
    """The effective size of two series that `_pair` has brought together."""
    known = left.notnull().to_numpy()
    month = left["time"].to_numpy()[known]
    month, n = month - month.min(), month.size
    x, y, there = np.zeros((3, month.max() + 1))
    there[month] = 1
    for standardised, side in ((x, left), (y, right)):
        values = side.to_numpy()[known].astype(float)
        standardised[month] = (values - values.mean()) / values.std()
    inflation = 1.0
    for k in range(1, n // 5 + 1):
        pairs = float(there[k:] @ there[:-k])
        inflation += 2 * (x[k:] @ x[:-k]) * (y[k:] @ y[:-k]) / (n * max(pairs, 1.0))
    return float(n / max(inflation, 1.0))
