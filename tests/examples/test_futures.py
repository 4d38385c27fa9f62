"""Anomalies and warming against loops in plain NumPy, and the published warming of two scenarios."""

import math

import cftime
import dask
import numpy as np
import pytest
import xarray as xr

from examples import catalogue, futures

KELVIN = {"units": "K", "standard_name": "air_temperature"}
LATITUDES = [60.0, 30.0, 0.0]
FIRST, COUNT = 1860, 40


def _times(kind: str) -> list:
    if kind == "360_day":
        return [cftime.Datetime360Day(FIRST + year, 6, 30) for year in range(COUNT)]
    return [np.datetime64(f"{FIRST + year}-12-31T23", "ns") for year in range(COUNT)]


@pytest.fixture(params=["numpy", "dask"])
def backed(request):
    return lambda field: field if request.param == "numpy" else field.chunk(time=7)


@pytest.fixture(params=["360_day", "standard"])
def field(request, backed) -> xr.DataArray:
    """Random years that grow warmer, the faster the farther north, with holes."""
    random = np.random.default_rng(4)
    values = random.normal(280, 1, (COUNT, 3, 2)) + np.arange(COUNT)[:, None, None] * np.array([0.3, 0.1, 0.05])[:, None]
    values[random.random(values.shape) < 0.1] = np.nan
    values[:, 2, 1] = np.nan
    coords = {"time": _times(request.param), "latitude": LATITUDES, "longitude": [225.0, 315.0]}
    return backed(xr.DataArray(values, coords, ["time", "latitude", "longitude"], attrs=KELVIN))


def _mean(values, first: int, last: int) -> float:
    """The mean of the values of the years from the first to the last, both inside, without the missing ones."""
    known = [value for number, value in enumerate(values) if first <= FIRST + number <= last and not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


def test_years_takes_both_ends(field):
    part = futures.years(field, (1865, 1869))
    assert part["time"].dt.year.values.tolist() == [1865, 1866, 1867, 1868, 1869]
    np.testing.assert_array_equal(part, field[5:10])
    assert (part.attrs, part.chunks is None) == (KELVIN, field.chunks is None)
    assert futures.years(field, (1899, 1899))["time"].dt.year.values.tolist() == [1899]
    assert futures.years(field, (1000, 3000)).sizes["time"] == COUNT


def test_years_takes_every_month_of_its_years(backed):
    months = xr.date_range("1859-12", periods=26, freq="MS", calendar="360_day", use_cftime=True)
    part = futures.years(backed(xr.DataArray(np.arange(26), {"time": months}, ["time"])), (1860, 1861))
    assert part.values.tolist() == list(range(1, 25))


@pytest.mark.parametrize("period", [(1900, 1950), (1800, 1859), (1870, 1869)])
def test_a_period_without_data_is_an_error_that_names_both(field, period):
    message = f"no time from {period[0]} to {period[1]}; it goes from 1860 to 1899"
    for attempt in (
        lambda: futures.years(field, period),
        lambda: futures.anomaly(field, period),
        lambda: futures.warming(field, (1860, 1870), period),
        lambda: futures.regional_warming(field, period, (1880, 1899)),
    ):
        with pytest.raises(ValueError, match=message):
            attempt()


def test_anomaly_by_hand(field):
    result, values = futures.anomaly(field, (1862, 1875)).load(), field.values
    for year, row, column in np.ndindex(values.shape):
        expected = values[year, row, column] - _mean(values[:, row, column], 1862, 1875)
        assert float(result[year, row, column]) == pytest.approx(expected, abs=1e-9, nan_ok=True)
    assert (result.dims, result.attrs) == (field.dims, KELVIN)
    assert result["time"].dt.calendar == field["time"].dt.calendar


def test_a_field_of_one_time_has_no_anomaly_against_itself(field):
    one = field.fillna(280)[:1]
    assert not futures.anomaly(one, (1860, 1860)).values.any()


def test_warming_by_hand_is_positive_when_it_grows_warmer(field):
    result, values = futures.warming(field, (1860, 1869), (1890, 1899)).load(), field.values
    for row, column in np.ndindex(3, 2):
        series = values[:, row, column]
        expected = _mean(series, 1890, 1899) - _mean(series, 1860, 1869)
        assert float(result[row, column]) == pytest.approx(expected, abs=1e-9, nan_ok=True)
    assert float(result[0].mean()) > 7
    assert (result.dims, result.attrs) == (("latitude", "longitude"), KELVIN)


def test_regional_warming_by_hand_weighs_by_area(field):
    values, total, weight = field.values, 0.0, 0.0
    for row, column in np.ndindex(3, 2):
        series = values[:, row, column]
        rise = _mean(series, 1890, 1899) - _mean(series, 1860, 1869)
        if not math.isnan(rise):
            total += rise * math.cos(math.radians(LATITUDES[row]))
            weight += math.cos(math.radians(LATITUDES[row]))
    result = futures.regional_warming(field, (1860, 1869), (1890, 1899))
    assert float(result) == pytest.approx(total / weight, abs=1e-9)
    assert (result.dims, result.attrs) == ((), KELVIN)


def _refuse(*args, **kwargs):
    raise AssertionError("computed before anybody asked")


def test_a_lazy_field_stays_lazy(field):
    lazy, spans = field.chunk(time=7), ((1860, 1869), (1890, 1899))
    with dask.config.set(scheduler=_refuse):
        results = [futures.anomaly(lazy, spans[0]), futures.warming(lazy, *spans), futures.regional_warming(lazy, *spans)]
    assert all(dask.is_dask_collection(result) for result in results)


@pytest.mark.parametrize(("name", "published"), [("a1b", 4.7), ("e1", 2.4)])
def test_north_america_warms_as_published(name, published):
    field = catalogue.open(name)
    result = futures.regional_warming(field, (1860, 1900), (2080, 2099))
    assert round(float(result), 1) == published
    assert result.attrs["units"] == "K"
    values = field.values.astype(float)
    rise = values[2080 - 1860 :].mean(0) - values[: 1900 - 1860 + 1].mean(0)
    weights = np.cos(np.pi / 180 * np.linspace(15, 60, 37))
    assert float(result) == pytest.approx((rise.mean(1) * weights).sum() / weights.sum(), abs=1e-4)
