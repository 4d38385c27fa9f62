"""Anomalies, running means and correlation against loops in plain NumPy, and the published figures of El Niño."""

import math

import dask
import numpy as np
import pytest
import xarray as xr

from examples import catalogue, el_nino, ensemble

CALENDARS = ["standard", "noleap", "360_day"]
KELVIN = {"units": "K", "long_name": "temperature"}


def _months(start: str, count: int, calendar: str = "standard", shift: int = 0) -> xr.DataArray:
    """The months from a start on, each on its first day plus a shift."""
    times = xr.date_range(start, periods=count, freq="MS", calendar=calendar, use_cftime=calendar != "standard")
    return times + np.timedelta64(shift, "D") if calendar == "standard" else times.shift(shift, "D")


def _series(values, start: str, calendar: str = "standard", shift: int = 0) -> xr.DataArray:
    return xr.DataArray(values, {"time": _months(start, len(values), calendar, shift)}, ["time"], attrs=KELVIN)


@pytest.fixture(params=["numpy", "dask"])
def backed(request):
    return lambda field: field if request.param == "numpy" else field.chunk(time=5)


@pytest.mark.parametrize("calendar", CALENDARS)
def test_monthly_anomaly_by_hand(backed, calendar):
    values = np.random.default_rng(1).normal(300, 3, (43, 2))
    values[[3, 15, 27, 39], 0] = np.nan
    values[7, 1] = np.nan
    field = xr.DataArray(values, {"time": _months("2006-04", 43, calendar)}, ["time", "x"], attrs=KELVIN)
    result = el_nino.monthly_anomaly(backed(field)).load()
    for month, x in np.ndindex(values.shape):
        alike = [values[other, x] for other in range(43) if (other - month) % 12 == 0 and not math.isnan(values[other, x])]
        expected = values[month, x] - sum(alike) / len(alike) if alike else math.nan
        assert float(result[month, x]) == pytest.approx(expected, abs=1e-9, nan_ok=True)
    assert (result.dims, result.attrs, set(result.coords)) == (("time", "x"), KELVIN, {"time"})
    assert result["time"].dt.calendar == field["time"].dt.calendar


def test_a_record_of_one_month_is_its_own_climatology(backed):
    assert el_nino.monthly_anomaly(backed(_series([300.0], "2010-01"))).values.tolist() == [0]


def _refuse(*args, **kwargs):
    raise AssertionError("computed before anybody asked")


def test_a_lazy_field_stays_lazy():
    field = _series(np.arange(30.0), "2000-01").chunk(time=5)
    with dask.config.set(scheduler=_refuse):
        results = [el_nino.monthly_anomaly(field), el_nino.running_mean(field), el_nino.by_month(field)]
    assert all(dask.is_dask_collection(result) for result in results)


@pytest.mark.parametrize("width", [1, 3, 5, 7])
@pytest.mark.parametrize("calendar", CALENDARS)
def test_running_mean_by_hand(backed, width, calendar):
    values = np.random.default_rng(2).normal(0, 1, 24)
    values[15] = np.nan
    result = el_nino.running_mean(backed(_series(values, "2000-01", calendar)), width).load()
    half = width // 2
    for month in range(24):
        full = half <= month < 24 - half
        expected = sum(values[month - half : month + half + 1]) / width if full else math.nan
        assert float(result[month]) == pytest.approx(expected, abs=1e-12, nan_ok=True)
    assert result.attrs == KELVIN


def test_the_running_mean_is_of_five_months_unless_told():
    assert el_nino.running_mean(_series([1.0, 2, 3, 4, 100], "2000-01"))[2] == 22


def test_a_record_shorter_than_the_window_has_no_running_mean(backed):
    assert bool(el_nino.running_mean(backed(_series([1.0], "2000-01"))).isnull().all())


def _pearson(pairs: list[tuple[float, float]]) -> float:
    count = len(pairs)
    middle = [sum(pair[side] for pair in pairs) / count for side in (0, 1)]
    product = sum((x - middle[0]) * (y - middle[1]) for x, y in pairs)
    squares = [sum((pair[side] - middle[side]) ** 2 for pair in pairs) for side in (0, 1)]
    return product / math.sqrt(squares[0] * squares[1])


@pytest.mark.parametrize("calendar", CALENDARS)
def test_correlation_by_hand_over_the_months_that_both_have(backed, calendar):
    random = np.random.default_rng(3)
    common = random.normal(0, 1, 60)
    left = -common[:50] + random.normal(0, 0.5, 50)
    right = common[7:] + random.normal(0, 0.5, 53)
    left[[0, 20, 31]] = right[[5, 13]] = np.nan
    pairs = [(left[month], right[month - 7]) for month in range(7, 50)]
    expected = _pearson([pair for pair in pairs if not any(map(math.isnan, pair))])
    first, second = _series(left, "1999-10", calendar), _series(right, "2000-05", calendar, shift=15)
    result = el_nino.correlation(backed(first), backed(second))
    assert -0.95 < expected < -0.5
    assert float(result) == pytest.approx(expected, abs=1e-12)


def test_correlation_of_a_line_is_one_and_of_its_mirror_minus_one():
    line = _series([1.0, 2, 3], "1999-12")
    assert float(el_nino.correlation(line, 5 + 2 * line)) == pytest.approx(1)
    assert float(el_nino.correlation(line, -line)) == pytest.approx(-1)


@pytest.mark.parametrize("start", ["2001-01", "2001-02", "2010-01"])
def test_too_few_months_in_common_is_an_error(backed, start):
    with pytest.raises(ValueError, match="fewer than three months in common"):
        el_nino.correlation(backed(_series([1.0, 2, 3], "2001-01")), backed(_series([3.0, np.nan, 1], start)))


@pytest.mark.parametrize("calendar", CALENDARS)
def test_by_month_counts_on_over_the_end_of_the_year(calendar):
    numbered = el_nino.by_month(_series(np.zeros(14), "1999-11", calendar, shift=14))
    assert numbered["time"].values.tolist() == list(range(12 * 1999 + 11, 12 * 1999 + 11 + 14))


def test_the_anomaly_of_ostia_peaks_in_january_2010_as_published():
    anomaly = el_nino.monthly_anomaly(ensemble.nino34(catalogue.open("ostia"))).load()
    peak = anomaly[int(anomaly.argmax("time"))]
    assert str(peak["time"].values)[:7] == "2010-01"
    assert round(float(peak), 2) == 1.69
    assert anomaly.attrs["units"] == "K"


def test_the_anomaly_of_ostia_by_hand():
    field = catalogue.open("ostia").load()
    columns = (field["longitude"].values >= 190) & (field["longitude"].values <= 240)
    values = field.values[:, :, columns].astype(float)
    assert not np.isnan(values).any()
    weights = np.cos(np.pi / 180 * field["latitude"].values.astype(float))
    index = (values.mean(2) * weights).sum(1) / weights.sum()
    expected = [index[month] - np.mean(index[month % 12 :: 12]) for month in range(54)]
    np.testing.assert_allclose(el_nino.monthly_anomaly(ensemble.nino34(field)), expected, atol=2e-4)


def test_the_southern_oscillation_goes_against_nino12_as_published():
    soi, peru = catalogue.open("soi-darwin"), catalogue.open("nino12")
    warm = el_nino.monthly_anomaly(peru)
    r = el_nino.correlation(el_nino.running_mean(soi, 5), el_nino.running_mean(warm, 5))
    assert round(float(r), 2) == -0.71


def test_the_southern_oscillation_against_nino12_by_hand():
    pressure, peru = catalogue.open("soi-darwin").values.astype(float), catalogue.open("nino12").values
    warm = peru - np.tile(peru.reshape(61, 12).mean(0), 61)
    pressure = pressure[12 * (1950 - 1866) :][: peru.size]
    pairs = [(pressure[month - 2 : month + 3].mean(), warm[month - 2 : month + 3].mean()) for month in range(2, 730)]
    soi, sst = catalogue.open("soi-darwin"), el_nino.monthly_anomaly(catalogue.open("nino12"))
    result = el_nino.correlation(el_nino.running_mean(soi), el_nino.running_mean(sst))
    # The whole of SOI enters the window at the start of 1950, which the pairs by hand leave out.
    assert float(result) == pytest.approx(_pearson(pairs), abs=1e-5)
