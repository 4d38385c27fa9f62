"""Was the forecast good? Scores of an ensemble against what came, through the package `scores`, and forecasts to compare it with.

A forecast has a dimension `realization`; what came, the truth, has the forecast's other dimensions. Fair scores do not reward or
punish an ensemble for its size: Ferro, C. A. T. (2014), Q. J. R. Meteorol. Soc. 140, 1917-1923.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scores.probability  # type: ignore[import-untyped]
import xarray as xr

from examples.ensemble import area_mean

YEAR = 12
"""Months."""

DRAWS = 20_000
"""How many resamples an interval is taken from."""

INTERVAL = (0.025, 0.975)
"""Where 19 in 20 lie."""


def crps(forecast: xr.DataArray, truth: xr.DataArray, *, fair: bool = True) -> xr.DataArray:
    """The continuous ranked probability score: 0 is perfect, and one certain forecast has its absolute error.

    Args:
        forecast: any shape with a dimension `realization`.
        truth: the same without it, in the same units.
        fair: as if the ensemble had no end of members; else as if those that it has were the whole forecast.

    Returns:
        The shape and units of the truth; missing where the truth or all members are, and a fair one where fewer than two are known.
    """
    # The package sorts the members, which have to be in one chunk.
    forecast = forecast.chunk(realization=-1) if forecast.chunks else forecast
    # The spread is a sum of large numbers of both signs, for which single precision is too short.
    method = "fair" if fair else "ecdf"
    score = scores.probability.crps_for_ensemble(
        forecast.astype(float), truth.astype(float), "realization", method=method, preserve_dims="all"
    )
    return score.assign_attrs(long_name="continuous ranked probability score", units=truth.attrs.get("units", ""))


def squares(forecast: xr.DataArray, truth: xr.DataArray) -> xr.Dataset:
    """The square of the spread to expect, and that of the error of the members' mean, at each place and time.

    Their means over many places or times are alike if the truth could have been one more member. The variance has the divisor
    n - 1, and is multiplied by (n + 1) / n for the doubt of the mean itself: Fortin et al. (2014), J. Hydrometeor. 15, 1708-1713.

    Args:
        forecast: any shape with a dimension `realization`.
        truth: the same without it, in the same units.

    Returns:
        `spread` and `error` in the shape of the truth, in its units squared; both missing where the truth is, or where fewer
        than two members are known.
    """
    members = forecast.notnull().sum("realization")
    known = truth.notnull() & (members > 1)
    forecast = forecast.astype(float).where(known)
    spread = forecast.var("realization", ddof=1) * (members + 1) / members
    return xr.Dataset({"spread": spread, "error": (forecast.mean("realization") - truth) ** 2})


def ranks(forecast: xr.DataArray, truth: xr.DataArray) -> xr.DataArray:
    """How often the truth has each rank among the members, by area: flat on average if it could have been one of them.

    Hamill, T. M. (2001), Mon. Wea. Rev. 129, 550-560. A tie counts for all of its ranks alike.

    Args:
        forecast: dimensions `realization`, `latitude`, `longitude`, and any others.
        truth: the same without `realization`; a place where it or a member is missing does not count.

    Returns:
        The other dimensions, and `rank` from 1 (below all members) to the number of members and 1; its sum is 1.
    """
    whole = forecast.notnull().all("realization")
    places = scores.probability.rank_histogram(forecast.where(whole, 0), truth.where(whole), "realization", preserve_dims="all")
    return area_mean(places)


def each_as_truth[T: (xr.DataArray, xr.Dataset)](score: Callable[[xr.DataArray, xr.DataArray], T], field: xr.DataArray) -> T:
    """A score with each member once as what came, and the others as the forecast of it.

    It says how far a score strays by chance when the truth is of the forecast's own kind, and nothing of skill: the model is
    compared with itself. Over all the members together, the means of the two `squares` have to come out alike, and `ranks` flat.

    Args:
        score: of a forecast and a truth, as the functions here.
        field: a dimension `realization`, of three members at least for most scores.

    Returns:
        What the score gives, along a new dimension `truth` with the number of the member.
    """
    members = field["realization"]
    results = [score(field.drop_sel(realization=member), field.sel(realization=member, drop=True)) for member in members.values]
    return xr.concat(results, xr.DataArray(members.values, dims="truth", name="truth"))


def climatology(series: xr.DataArray, members: int) -> xr.DataArray:
    """A forecast that knows only the season: each month as it was in the years before.

    Args:
        series: a dimension `time`, monthly and without gaps.
        members: how many years.

    Returns:
        The same with a dimension `realization` from 1; all members missing where one of them is not known.
    """
    return _members([series.shift(time=YEAR * year) for year in range(1, members + 1)])


def persistence(series: xr.DataArray, lead: int, members: int) -> xr.DataArray:
    """A forecast from the last month known: it changes as it did in the years before, from that month to the one in question.

    Args:
        series: a dimension `time`, monthly and without gaps.
        lead: months from the one known to the one in question, 1 to 12.
        members: how many years.

    Returns:
        As `climatology`.

    Raises:
        ValueError: a longer lead would use what was not yet known.
    """
    if not 1 <= lead <= YEAR:
        raise ValueError(f"a lead of {lead} months; this forecast takes 1 to {YEAR}")
    change = series - series.shift(time=lead)
    return _members([series.shift(time=lead) + change.shift(time=YEAR * year) for year in range(1, members + 1)])


def skill(score: xr.DataArray, reference: xr.DataArray) -> tuple[float, float, float]:
    """How much better a score is than that of a reference: 1 is perfect, 0 no better; and where 19 in 20 of its resamples lie.

    Whole years are drawn, with replacement, since months in a row are much alike (Wilks, D. S. (2011), Statistical Methods in the
    Atmospheric Sciences, 3rd ed., section 5.3.5).

    Args:
        score, reference: a dimension `time`, 0 being perfect; only times at which both are known count.

    Returns:
        The skill, and the lower and the upper end of the interval.
    """
    sums = _drawn_years(xr.Dataset({"score": score, "reference": reference}).dropna("time"))
    skills = 1 - sums["score"] / sums["reference"]
    return float(skills[0]), *np.quantile(skills[1:], INTERVAL).tolist()


def reliability(forecast: xr.DataArray, truth: xr.DataArray, threshold: xr.DataArray | float) -> xr.Dataset:
    """How often the truth was above a threshold, of all the times that so many members were: alike if the forecast is reliable.

    Murphy, A. H. and Winkler, R. L. (1977), Appl. Statist. 26, 41-47. The interval is drawn from whole years, as that of `skill`.

    Args:
        forecast: dimensions `realization` and `time`.
        truth: a dimension `time`, in the same units; a time at which it or a member is missing does not count.
        threshold: in the same units, for all times or for each.

    Returns:
        Along `probability`, the part of the members that is above, 0 to 1, where it occurs: the `frequency` of the truth above,
        the `lower` and the `upper` end of where 19 in 20 of its resamples lie, and the `number` of times.
    """
    size = forecast.sizes["realization"]
    said = (forecast > threshold).sum("realization") == xr.DataArray(np.arange(size + 1), dims="probability")
    known = forecast.notnull().all("realization") & truth.notnull() & (xr.zeros_like(truth) + threshold).notnull()
    sums = _drawn_years(xr.Dataset({"number": said, "came": said & (truth > threshold)}).where(known, drop=True))
    sums = sums.assign_coords(probability=np.arange(size + 1) / size).where(sums["number"][0] > 0, drop=True)
    frequency = sums["came"] / sums["number"]
    lower, upper = (frequency[1:].quantile(part, "draw").drop_vars("quantile") for part in INTERVAL)
    return xr.Dataset({"frequency": frequency[0], "lower": lower, "upper": upper, "number": sums["number"][0].astype(int)})


def _drawn_years(parts: xr.Dataset) -> xr.Dataset:
    """The sums over all times along `draw`: first of the years as they are, then of as many years drawn with replacement."""
    years = parts.astype(float).groupby("time.year").sum()
    size = years.sizes["year"]
    drawn = np.random.default_rng(2011).integers(size, size=(DRAWS, size))
    return years.isel(year=xr.DataArray(np.vstack([np.arange(size), drawn]), dims=("draw", "year"))).sum("year")


def _members(forecasts: list[xr.DataArray]) -> xr.DataArray:
    joined = xr.concat(forecasts, xr.DataArray(np.arange(1, len(forecasts) + 1), dims="realization", name="realization"))
    return joined.where(joined.notnull().all("realization"))
