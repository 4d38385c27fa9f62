"""Anomalies, running means and correlations against loops in plain NumPy and Iris, and the published figures of El Niño."""

import math

import dask
import iris.analysis
import iris.coord_categorisation
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


@pytest.mark.parametrize("calendar", CALENDARS)
@pytest.mark.parametrize("lag", [-5, -1, 0, 2, 7])
def test_at_a_positive_lag_the_second_is_taken_later(backed, calendar, lag):
    """Month by month: the first in month t with the second in month t + lag."""
    random = np.random.default_rng(6)
    left, right = random.normal(0, 1, 50), random.normal(0, 1, 53)
    left[[0, 20]] = right[[5, 13]] = np.nan
    # The second begins seven months after the first.
    pairs = [(left[month], right[month + lag - 7]) for month in range(50) if 0 <= month + lag - 7 < 53]
    expected = _pearson([pair for pair in pairs if not any(map(math.isnan, pair))])
    first, second = backed(_series(left, "1999-10", calendar)), backed(_series(right, "2000-05", calendar, shift=15))
    assert float(el_nino.correlation(first, second, lag)) == pytest.approx(expected, abs=1e-12)
    assert float(el_nino.lagged_correlation(first, second, [lag])["r"][0]) == pytest.approx(expected, abs=1e-12)


def _size(left, right) -> float:
    """Bretherton's formula in plain loops, over the months that both have, with gaps."""
    months = [month for month in range(len(left)) if not math.isnan(left[month] + right[month])]
    n = len(months)
    columns = []
    for series in (left, right):
        middle = sum(series[month] for month in months) / n
        width = math.sqrt(sum((series[month] - middle) ** 2 for month in months) / n)
        columns.append({month: (series[month] - middle) / width for month in months})
    total = 0.0
    for k in range(1, n // 5 + 1):
        later = [month for month in months if month + k in columns[0]]
        if later:
            rho = [sum(column[month] * column[month + k] for month in later) / len(later) for column in columns]
            total += len(later) / n * rho[0] * rho[1]
    return n / max(1 + 2 * total, 1)


def _red(rng, count: int, memory: float, size: int | None = None) -> np.ndarray:
    """Made-up months that remember a share of the month before, with a variance of one: red noise, of the first order."""
    noise = rng.normal(0, math.sqrt(1 - memory**2), (count, size or 1))
    noise[0] /= math.sqrt(1 - memory**2)
    for month in range(1, count):
        noise[month] += memory * noise[month - 1]
    return noise if size else noise[:, 0]


@pytest.mark.parametrize("calendar", CALENDARS)
@pytest.mark.parametrize("gaps", [0, 1, 30])
def test_effective_size_by_hand(backed, calendar, gaps):
    random = np.random.default_rng(7)
    left, right = _red(random, 90, 0.95), _red(random, 90, 0.95)
    left[random.choice(90, gaps, replace=False)] = np.nan
    right[[0, 89]] = np.nan
    first, second = (backed(_series(series, "1999-10", calendar)) for series in (left, right))
    assert el_nino.effective_size(first, second) == pytest.approx(_size(left, right), rel=1e-9)
    later = [*right[4:], *[math.nan] * 4]
    assert el_nino.effective_size(first, second, 4) == pytest.approx(_size(left, later), rel=1e-9)
    earlier = [*[math.nan] * 4, *right[:-4]]
    assert el_nino.effective_size(first, second, -4) == pytest.approx(_size(left, earlier), rel=1e-9)
    assert _size(left, right) < 60


@pytest.mark.parametrize("memory", [(0.0, 0.0), (0.5, 0.5), (0.9, 0.3), (0.8, 0.8), (0.9, 0.9)])
def test_effective_size_of_red_noise_is_what_its_memory_says(memory):
    """Two unrelated series of the first order: n (1 - ab) / (1 + ab), Bretherton et al. (1999)."""
    random = np.random.default_rng(8)
    sizes = []
    for _ in range(25):
        first, second = (_series(_red(random, 1200, each), "1900-01") for each in memory)
        sizes.append(el_nino.effective_size(first, second))
    both = memory[0] * memory[1]
    # Its inverse is what the sum estimates, and so what averages out.
    assert 25 / sum(1 / size for size in sizes) == pytest.approx(1200 * (1 - both) / (1 + both), rel=0.12)


def test_effective_size_is_at_most_the_months_in_common():
    """One series comes back to itself each month, the other alternates: they hide each other's noise, but no month is two."""
    alternating = _series(np.tile([1.0, -1], 50), "2000-01")
    slow = _series(_red(np.random.default_rng(9), 100, 0.9), "2000-01")
    assert el_nino.effective_size(alternating, slow) == 100


@pytest.mark.parametrize("start", ["2001-01", "2001-02", "2010-01"])
def test_too_few_months_in_common_have_no_effective_size_and_no_lags(backed, start):
    first, second = backed(_series([1.0, 2, 3], "2001-01")), backed(_series([3.0, np.nan, 1], start))
    for attempt in (el_nino.effective_size, lambda *pair: el_nino.lagged_correlation(*pair, [0, 1])):
        with pytest.raises(ValueError, match="fewer than three months in common"):
            attempt(first, second)


def test_the_series_that_comes_first_leads_at_a_positive_lag():
    """The second is the first, three months late."""
    values = _red(np.random.default_rng(10), 203, 0.9)
    first, late = _series(values[3:], "2000-01"), _series(values[:-3], "2000-01")
    lags = el_nino.lagged_correlation(first, late, range(-6, 7))
    assert lags["lag"].values.tolist() == list(range(-6, 7))
    assert int(lags["r"].idxmax()) == 3
    assert float(lags["r"].sel(lag=3)) == pytest.approx(1)
    assert (lags["low"] <= lags["r"]).all()
    assert (lags["r"] <= lags["high"]).all()
    back = el_nino.lagged_correlation(late, first, range(-6, 7))
    np.testing.assert_allclose(back["r"], lags["r"][::-1], atol=1e-12)
    assert (lags["lag"].attrs["units"], lags["r"].attrs) == ("month", {"units": "1"})


def test_the_interval_by_hand():
    """Fisher's, with the effective size for n."""
    random = np.random.default_rng(11)
    left = _red(random, 150, 0.7)
    right = 0.6 * left + _red(random, 150, 0.7)
    lags = el_nino.lagged_correlation(_series(left, "2000-01"), _series(right, "2000-01"), [-2, 0, 1])
    for number, lag in enumerate((-2, 0, 1)):
        pairs = [(left[month], right[month + lag]) for month in range(150) if 0 <= month + lag < 150]
        r, n = _pearson(pairs), _size(*zip(*pairs, strict=True))
        z = 0.5 * math.log((1 + r) / (1 - r))
        for name, side in (("low", -1), ("high", 1)):
            edge = math.exp(2 * (z + side * 1.96 / math.sqrt(n - 3)))
            assert float(lags[name][number]) == pytest.approx((edge - 1) / (edge + 1), rel=1e-9)
        assert float(lags["n"][number]) == pytest.approx(n, rel=1e-9)


def test_the_interval_holds_the_truth_as_often_as_it_says_and_the_naive_one_does_not():
    """Made-up pairs, correlated by 0.5 at a lag of two months, in 120 records of 40 years."""
    random = np.random.default_rng(12)
    common, left, right = (_red(random, 482, 0.85, 120) for _ in range(3))
    first = math.sqrt(0.5) * (common[2:] + left[2:])
    second = math.sqrt(0.5) * (common[:-2] + right[2:])
    held = naive = 0
    for record in range(120):
        pair = (_series(first[:, record], "1960-01"), _series(second[:, record], "1960-01"))
        lag = el_nino.lagged_correlation(*pair, [2]).isel(lag=0)
        held += bool(lag["low"] <= 0.5 <= lag["high"])
        naive += abs(math.atanh(float(lag["r"])) - math.atanh(0.5)) <= 1.96 / math.sqrt(478 - 3)
    assert 0.89 <= held / 120 <= 0.98
    assert naive / 120 < 0.75


def test_three_months_leave_every_correlation_open():
    line = _series([1.0, 2, 3], "1999-12")
    lags = el_nino.lagged_correlation(line, -line, [0])
    assert (float(lags["r"][0]), float(lags["low"][0]), float(lags["high"][0])) == (pytest.approx(-1), -1, 1)


def test_two_blocks_far_apart_are_fewer_than_three_months_and_leave_it_open_too():
    """Five months alike, none for a year, five alike: 10 / (1 + 2 (0.8 + 0.6)), with products of one and two months apart."""
    blocks = _series([1.0] * 5 + [np.nan] * 12 + [-1.0] * 5, "2000-01")
    lags = el_nino.lagged_correlation(blocks, blocks, [0])
    assert float(lags["n"][0]) == pytest.approx(10 / 3.8)
    assert (float(lags["low"][0]), float(lags["high"][0])) == (-1, 1)


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


@pytest.mark.filterwarnings("ignore:You are using legacy date precision:FutureWarning:iris")
def test_the_climatology_of_ostia_is_that_of_iris():
    """Cell by cell, land missing: the anomaly is what is left when the mean of each month by Iris is taken off."""
    field = catalogue.open("ostia").load()
    cube = field.astype(float).to_iris()
    iris.coord_categorisation.add_month_number(cube, "time")
    climatology = cube.aggregated_by("month_number", iris.analysis.MEAN)
    months = climatology.coord("month_number").points.tolist()
    row = [months.index(month) for month in field["time"].dt.month.values]
    expected = field.values - np.ma.filled(climatology.data, np.nan)[row]
    assert np.isnan(expected).any()
    np.testing.assert_allclose(el_nino.monthly_anomaly(field), expected, atol=1e-3)


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
