"""The exercises on fields and series: anomalies, a mean over the globe, a probability from an ensemble."""

from __future__ import annotations

import numpy as np
import xarray as xr

from examples.exercises import compare


def check_anomaly(answer: object, index: xr.DataArray) -> str:
    """Check the departure of a series from the mean of each calendar month.

    Args:
        answer: what was given.
        index: (time,), in any unit that is kept; every calendar month occurs.

    Returns:
        A sentence with the largest anomaly, in the unit of the index.

    Raises:
        NotYet: it is something else.
    """
    values, month = index.to_numpy(), index["time"].dt.month.to_numpy()
    normal = np.array([values[month == number].mean() for number in range(1, 13)])
    wanted = values - normal[month - 1]
    slips = {
        "the sign is turned round: a month that is too warm has to be above zero": -wanted,
        "the season is still in it: take the mean of each calendar month, not that of all months": values - values.mean(),
        "these are the means of the months: subtract them from the index": normal,
        "the index itself came back: nothing was subtracted": values,
    }
    found = compare(answer, wanted, ("time",), slips, 1e-3)
    return f"Right: {found.max():.2f} K above its month at the most."


def check_area_mean(answer: object, field: xr.DataArray) -> str:
    """Check the mean over the globe, each row weighted by the cosine of its latitude.

    Args:
        answer: what was given.
        field: (time, latitude, longitude) in kelvin, without missing values.

    Returns:
        A sentence with what equal weights would have cost.

    Raises:
        NotYet: it is something else.
    """
    values, latitude = field.transpose("time", "latitude", "longitude").to_numpy().astype(float), field["latitude"].to_numpy()
    wanted, in_degrees = (
        np.einsum("tij,i->t", values, weights) / (weights.sum() * values.shape[2])
        for weights in (np.cos(np.deg2rad(latitude.astype(float))), np.cos(latitude.astype(float)))
    )
    equal = values.mean(axis=(1, 2))
    slips = {
        "every row counts alike, and so the poles count too much: weight by the cosine of the latitude": equal,
        "the cosine took degrees for radians: np.deg2rad turns them": in_degrees,
        "this is in °C; the field is in kelvin, and so is its mean": wanted - 273.15,
    }
    found = compare(answer, wanted, ("time",), slips, 0.01)
    return f"Right: {found[0]:.2f} K in the first month; with equal weights, {wanted[0] - equal[0]:.1f} K less."


def check_probability(answer: object, field: xr.DataArray) -> str:
    """Check the share of members below freezing.

    Args:
        answer: what was given.
        field: (realization, latitude, longitude) in kelvin, without missing values.

    Returns:
        A sentence with the share of points where the members disagree.

    Raises:
        NotYet: it is something else.
    """
    values = field.transpose("realization", "latitude", "longitude").to_numpy()
    wanted = (values < 273.15).sum(axis=0) / values.shape[0]
    slips = {
        "the field is in kelvin: no member is below 0 K": np.zeros_like(wanted),
        "this is the share of members above freezing": 1 - wanted,
        "in per cent; a share goes from 0 to 1": 100 * wanted,
        "this asks the mean of the members; ask each member, then take the mean": (values.mean(axis=0) < 273.15).astype(float),
    }
    found = compare(answer, wanted, ("latitude", "longitude"), slips, 1e-6)
    unsure = ((found > 0) & (found < 1)).mean()
    return f"Right: at {unsure:.0%} of the points the members disagree."
