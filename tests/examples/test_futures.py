"""Anomalies, decades, warming and crossings against loops in plain NumPy and Iris, and the published warming of two scenarios."""

import math

import cftime
import dask
import iris.analysis
import iris.analysis.cartography
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
        results = [
            futures.anomaly(lazy, spans[0]),
            futures.warming(lazy, *spans),
            futures.regional_warming(lazy, *spans),
            futures.decades(lazy),
            futures.crossing(lazy, spans[0]),
        ]
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


def test_annual_data_come_back_as_they_are(field):
    assert futures.annual(field).identical(field)


@pytest.mark.parametrize("calendar", ["360_day", "standard"])
def test_the_mean_of_each_whole_year_by_hand_missing_where_a_month_is(backed, calendar):
    months = xr.date_range("1859-11", periods=40, freq="MS", calendar=calendar, use_cftime=calendar != "standard")
    values = np.random.default_rng(5).normal(280, 1, (40, 2))
    values[6, 1] = np.nan
    field = xr.DataArray(values, {"time": months}, ["time", "place"], attrs=KELVIN).isel(time=[*range(14), *range(26, 40)])
    result = futures.annual(backed(field)).load()
    assert result["time"].dt.year.values.tolist() == [1860, 1861, 1862]
    lengths = months.days_in_month if calendar == "standard" else np.full(40, 30)
    whole = [np.average(values[first : first + 12], axis=0, weights=lengths[first : first + 12]) for first in (2, 26)]
    expected = [whole[0], [np.nan, np.nan], whole[1]]
    np.testing.assert_allclose(result, expected, rtol=1e-12)
    assert (result.attrs, result["time"].dt.calendar) == (
        KELVIN,
        field["time"].dt.calendar.replace("standard", "proleptic_gregorian"),
    )


def test_a_year_that_is_not_there_is_missing(field):
    part = futures.annual(field.isel(time=[*range(5), *range(6, COUNT)]))
    assert part["time"].dt.year.values.tolist() == list(range(1860, 1900))
    expected = field.values.copy()
    expected[5] = np.nan
    np.testing.assert_allclose(part.values, expected, rtol=1e-15)


def test_decades_by_hand(field):
    """The years 1860 to 1899, then less one at each end: what is left of a decade does not count."""
    for part, expected in ((field, [1860, 1870, 1880, 1890]), (field[1:], [1870, 1880, 1890]), (field[:-1], [1860, 1870, 1880])):
        result, values = futures.decades(part).load(), field.values
        assert result["decade"].values.tolist() == expected
        for number, row, column in np.ndindex(result.shape):
            mean = _mean(values[:, row, column], expected[number], expected[number] + 9)
            assert float(result[number, row, column]) == pytest.approx(mean, abs=1e-9, nan_ok=True)
    assert (result.dims, result.attrs) == (("decade", "latitude", "longitude"), KELVIN)


def test_one_whole_decade_is_enough_and_less_is_an_error_that_says_so(field):
    assert futures.decades(field[10:20])["decade"].values.tolist() == [1870]
    with pytest.raises(ValueError, match="no whole decade; it goes from 1871 to 1888"):
        futures.decades(field[11:29])


def _crossing(rise: list[float], threshold: float, period: int) -> float:
    """Walk back from the end: the middle of the earliest period above, before the first that is not; skip those with a gap."""
    found = math.nan
    for start in range(len(rise) - period, -1, -1):
        part = rise[start : start + period]
        if any(map(math.isnan, part)):
            continue
        if not sum(part) / period > threshold:
            return found
        found = FIRST + start + period // 2
    return found


@pytest.mark.parametrize("period", [1, 4, 5, 20, COUNT])
@pytest.mark.parametrize("threshold", [0.5, 2.0, 5.0])
def test_crossing_by_hand(field, period, threshold):
    result, values = futures.crossing(field, (1860, 1869), threshold, period).load(), field.values
    for row, column in np.ndindex(3, 2):
        series = values[:, row, column]
        expected = _crossing(list(series - _mean(series, 1860, 1869)), threshold, period)
        assert float(result[row, column]) == pytest.approx(expected, nan_ok=True)
    assert (result.dims, result.attrs) == (("latitude", "longitude"), {"long_name": "year of crossing"})


def _years(values, kind="360_day") -> xr.DataArray:
    """Made-up annual values from 1860 on, their first ten years the baseline."""
    return xr.DataArray(values, {"time": _times(kind)[: len(values)]}, ["time"], attrs=KELVIN)


NEVER, GAP = math.nan, math.nan
CROSSINGS = {
    # Above 2 K from 1880 on: the mean of twenty years passes 2 K when sixteen of them are at 2.6.
    "one step": ([0.0] * 20 + [2.6] * 20, 1886),
    "never": ([0.0] * 40, NEVER),
    "at the threshold and not above": ([0.0] * 10 + [2.0] * 30, NEVER),
    "cooler, not warmer": ([0.0] * 10 + [-3.0] * 30, NEVER),
    "and back": ([0.0] * 10 + [5.0] * 10 + [0.0] * 20, NEVER),
    "only in the last period": ([0.0] * 20 + [2.1] * 20, 1890),
    "back, and then for good": ([0.0] * 10 + [9.0] * 5 + [-3.0] * 5 + [2.2] * 20, 1890),
    "a single hot year": ([0.0] * 20 + [30.0] + [0.0] * 19, NEVER),
    "all missing": ([GAP] * 40, NEVER),
    "no baseline": ([GAP] * 10 + [9.0] * 30, NEVER),
}


@pytest.mark.parametrize("kind", ["360_day", "standard"])
@pytest.mark.parametrize(("values", "year"), CROSSINGS.values(), ids=CROSSINGS)
def test_crossing_of_made_up_years(backed, kind, values, year):
    assert float(futures.crossing(backed(_years(values, kind)), (1860, 1869))) == pytest.approx(year, nan_ok=True)


def test_a_place_above_from_the_start_has_the_middle_of_the_first_period(backed):
    field = backed(_years([0.0] * 10 + [9.0] * 30))
    assert float(futures.crossing(field, (1860, 1869))) == 1870
    # Of eleven years three have to be warm: 1862 to 1872.
    assert float(futures.crossing(field, (1860, 1869), 2.0, 11)) == 1867


def test_a_period_with_a_gap_does_not_count_either_way(backed):
    """The gap hides every period up to 1888, and with it the fall that would have put the crossing off."""
    values = [0.0] * 20 + [2.6] * 20
    assert float(futures.crossing(backed(_years([*values[:18], GAP, *values[19:]])), (1860, 1869))) == 1889
    assert float(futures.crossing(backed(_years([*values[:39], GAP])), (1860, 1869))) == 1886


def test_a_record_shorter_than_the_period_has_no_crossing(backed):
    assert bool(futures.crossing(backed(_years([0.0] * 10 + [9.0] * 9)), (1860, 1869)).isnull())


def test_crossing_takes_months_by_their_years(backed):
    months = xr.date_range("1860-01", periods=480, freq="MS", calendar="360_day", use_cftime=True)
    season = np.tile(np.linspace(-20, 20, 12), 40)
    values = np.repeat([0.0] * 20 + [2.6] * 20, 12) + season
    field = xr.DataArray(values, {"time": months}, ["time"], attrs=KELVIN)
    assert float(futures.crossing(backed(field), (1860, 1869))) == 1886


def test_periods_are_those_of_the_samples_or_the_ends_of_what_all_hold():
    def made(first, last, **coords):
        times = [cftime.Datetime360Day(year, 6, 1) for year in range(first, last + 1)]
        grid = {"time": times, "latitude": LATITUDES, "longitude": [225.0, 315.0]} | coords
        return xr.DataArray(np.zeros((len(times), 3, 2)), grid, ["time", "latitude", "longitude"])

    whole = made(1860, 2099)
    assert futures.periods(whole, whole) == ((1860, 1900), (2080, 2099))
    assert futures.periods(made(1859, 2100), made(1859, 2100)) == ((1860, 1900), (2080, 2099))
    assert futures.periods(made(1861, 2099), made(1861, 2099)) == ((1861, 1900), (2080, 2099))
    assert futures.periods(made(1860, 2098), made(1860, 2098)) == ((1860, 1899), (2079, 2098))
    assert futures.periods(made(1920, 1979), made(1920, 1979)) == ((1920, 1959), (1960, 1979))
    for other, message in (
        (made(1860, 2099, latitude=[60.0, 30, 1]), "on different grids"),
        (made(1860, 2099, longitude=[225.0, 316]), "on different grids"),
        (made(2041, 2280), "only the years 2041 to 2099 in common; sixty are needed"),
        (made(1860, 2098), "do not have the same years"),
    ):
        with pytest.raises(ValueError, match=message):
            futures.periods(whole, other)


@pytest.fixture(scope="module", params=["a1b", "e1"])
def scenario(request) -> xr.DataArray:
    return catalogue.open(request.param).load()


@pytest.mark.filterwarnings("ignore::iris.warnings.IrisVagueMetadataWarning")
@pytest.mark.filterwarnings("ignore::iris.warnings.IrisDefaultingWarning")
def test_warming_and_decades_are_those_of_iris(scenario):
    """Iris weighs by the true areas of the cells; these are as the cosine of the latitude, since the rows lie evenly."""
    cube = scenario.astype(float).to_iris()
    for axis in ("latitude", "longitude"):
        cube.coord(axis).guess_bounds()
    years = 1860 + np.arange(240)

    def mean(first, last):
        return cube[(years >= first) & (years <= last)].collapsed("time", iris.analysis.MEAN)

    change = mean(2080, 2099) - mean(1860, 1900)
    ours = futures.warming(scenario, (1860, 1900), (2080, 2099))
    np.testing.assert_allclose(ours, change.data, atol=1e-3)
    weights = iris.analysis.cartography.area_weights(change)
    region = change.collapsed(["latitude", "longitude"], iris.analysis.MEAN, weights=weights)
    assert float(futures.regional_warming(scenario, (1860, 1900), (2080, 2099))) == pytest.approx(float(region.data), abs=1e-4)
    decades = futures.decades(futures.anomaly(scenario, (1860, 1900)))
    assert decades["decade"].values.tolist() == list(range(1860, 2100, 10))
    np.testing.assert_allclose(decades.sel(decade=2050), (mean(2050, 2059) - mean(1860, 1900)).data, atol=1e-3)


def test_crossing_of_the_scenarios_by_hand(scenario):
    values = scenario.values.astype(float)
    rise = values - values[:41].mean(0)
    result = futures.crossing(scenario, (1860, 1900))
    agree = np.empty(result.shape, bool)
    for place in np.ndindex(result.shape):
        expected = _crossing(rise[(slice(None), *place)].tolist(), 2.0, 20)
        agree[place] = result.values[place] == expected or (math.isnan(expected) and math.isnan(result.values[place]))
    # The sample is in single precision: a mean within a thousandth of a kelvin of 2 K may fall on the other side.
    assert agree.mean() > 0.999
