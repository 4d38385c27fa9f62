"""The scores against loops in plain NumPy, against closed forms, and against what must come out of a perfect model."""

import math
import operator
import statistics

import numpy as np
import pytest
import scores.probability  # type: ignore[import-untyped]
import xarray as xr

from examples import catalogue, el_nino, ensemble, verification

pytestmark = [
    pytest.mark.filterwarnings("error::UserWarning"),
    pytest.mark.filterwarnings("ignore:invalid value encountered in divide:RuntimeWarning:dask"),
    pytest.mark.filterwarnings("ignore:Setting the (dtype|shape) on a NumPy array:DeprecationWarning:iris"),
]

DIMS = ("realization", "time", "latitude", "longitude")


def _field(members=5, dtype="float32", descending=False) -> xr.DataArray:
    """Random temperatures, one in six missing; a place that no member has, one that one member has, and ties."""
    random = np.random.default_rng(2011)
    latitude = np.array([-60.0, 0, 45, 80])[:: -1 if descending else 1]
    values = random.normal(290, 1, (members, 2, 4, 3)).round(1)
    values[random.random(values.shape) < 1 / 6] = np.nan
    values[:, 0, 0, 0] = np.nan
    values[1:, 0, 1, 1], values[0, 0, 1, 1] = np.nan, 290
    coords = {"realization": np.arange(members) * 10, "latitude": latitude, "longitude": [0, 120, 240]}
    return xr.DataArray(values.astype(dtype), coords, DIMS, attrs={"units": "K"})


@pytest.fixture(params=[np.float32, np.float64, "dask"])
def pair(request) -> tuple[xr.DataArray, xr.DataArray]:
    field = _field(6, "float64" if request.param == "dask" else request.param)
    if request.param == "dask":
        field = field.chunk(realization=2, time=1, latitude=2)
    return field.isel(realization=slice(1, None)), field.isel(realization=0, drop=True)


def _cases(forecast: xr.DataArray, truth: xr.DataArray):
    """For each place and time: where it is, the members that are known, and the truth."""
    values = forecast.values.astype(float)
    for place in np.ndindex(truth.shape):
        known = [value for value in values[(slice(None), *place)] if not math.isnan(value)]
        yield place, known, float(truth.values[place])


@pytest.mark.parametrize("fair", [True, False])
def test_crps_by_a_double_loop_over_the_members(pair, fair):
    forecast, truth = pair
    result = verification.crps(forecast, truth, fair=fair).load()
    for place, members, came in _cases(forecast, truth):
        n, expected = len(members), math.nan
        if n > (1 if fair else 0) and not math.isnan(came):
            between = sum(abs(one - other) for one in members for other in members)
            expected = sum(abs(member - came) for member in members) / n - between / (2 * n * (n - 1 if fair else n))
        assert result.values[place] == pytest.approx(expected, abs=1e-9, nan_ok=True)
    assert (result.dims, result.attrs["units"]) == (DIMS[1:], "K")


def test_one_member_has_its_absolute_error_and_no_fair_score():
    one = xr.DataArray([[3.0, 5.0]], dims=["realization", "time"])
    truth = xr.DataArray([1.0, 6.0], dims="time")
    assert verification.crps(one, truth, fair=False).values.tolist() == [2, 1]
    assert bool(verification.crps(one, truth).isnull().all())
    assert all(part.isnull().all() for part in verification.squares(one, truth).values())


def _gaussian_crps(y: float) -> float:
    """Of a standard normal forecast: Gneiting et al. (2005), Mon. Wea. Rev. 133, 1098-1118, equation 5."""
    normal = statistics.NormalDist()
    return y * (2 * normal.cdf(y) - 1) + 2 * normal.pdf(y) - 1 / math.sqrt(math.pi)


@pytest.mark.parametrize("y", [-1.5, 0.0, 0.7])
def test_the_fair_score_is_on_average_that_of_the_whole_distribution(y):
    """Ensembles of three, many of them: the fair score has no bias; the ordinary one has that of Ferro (2014)."""
    drawn = np.random.default_rng(0).normal(size=(3, 200_000))
    forecast, truth = xr.DataArray(drawn, dims=["realization", "time"]), xr.DataArray(np.full(200_000, y), dims="time")
    assert float(verification.crps(forecast, truth).mean()) == pytest.approx(_gaussian_crps(y), abs=4e-3)
    # Half the mean difference of two draws, which is 2 over the root of pi, by the number of members.
    bias = 1 / (3 * math.sqrt(math.pi))
    assert float(verification.crps(forecast, truth, fair=False).mean()) == pytest.approx(_gaussian_crps(y) + bias, abs=4e-3)


def test_squares_by_hand(pair):
    forecast, truth = pair
    result = verification.squares(forecast, truth).load()
    for place, members, came in _cases(forecast, truth):
        n, spread, error = len(members), math.nan, math.nan
        if n > 1 and not math.isnan(came):
            spread = statistics.variance(members) * (n + 1) / n
            error = (statistics.mean(members) - came) ** 2
        assert result["spread"].values[place] == pytest.approx(spread, rel=1e-6, nan_ok=True)
        assert result["error"].values[place] == pytest.approx(error, rel=1e-3, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("members", [2, 4, 12])
def test_the_squares_are_alike_if_the_truth_is_one_more_member(members):
    drawn = xr.DataArray(np.random.default_rng(1).normal(10, 2, (members + 1, 200_000)), dims=["realization", "time"])
    means = verification.squares(drawn[1:], drawn[0]).mean()
    assert float(means["error"]) == pytest.approx(4 * (members + 1) / members, rel=0.02)
    assert float(means["spread"] / means["error"]) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("descending", [False, True])
def test_ranks_by_hand_with_areas_ties_and_gaps(descending):
    field = _field(4, descending=descending)
    field.values[:3, 1] = np.nan_to_num(field.values[:3, 1], nan=290)
    forecast, truth = field[1:], field.isel(realization=0, drop=True)
    result = verification.ranks(forecast, truth)
    expected, total = np.zeros((2, 4)), np.zeros(2)
    for (time, row, _), members, came in _cases(forecast, truth):
        if len(members) < 3 or math.isnan(came):
            continue
        area = math.cos(math.radians(field["latitude"].values[row]))
        below, ties = sum(member < came for member in members), sum(member == came for member in members)
        expected[time, below : below + ties + 1] += area / (ties + 1)
        total[time] += area
    np.testing.assert_allclose(result.transpose("time", "rank"), expected / total[:, None], rtol=1e-9)
    assert result["rank"].values.tolist() == [1, 2, 3, 4]


def test_truth_above_all_members_has_the_last_rank():
    coords = {"latitude": [10.0, 20], "longitude": [0.0]}
    forecast = xr.DataArray(np.zeros((3, 2, 1)), coords, ["realization", "latitude", "longitude"])
    assert verification.ranks(forecast, forecast[0] + 1).values.tolist() == [0, 0, 0, 1]
    assert verification.ranks(forecast, forecast[0] - 1).values.tolist() == [1, 0, 0, 0]


def test_each_member_is_once_the_truth_of_all_others():
    field = _field(4)
    seen = []

    def score(forecast, truth):
        seen.append((forecast["realization"].values.tolist(), truth.equals(field[len(seen)].drop_vars("realization"))))
        return truth.mean()

    result = verification.each_as_truth(score, field)
    assert seen == [([10, 20, 30], True), ([0, 20, 30], True), ([0, 10, 30], True), ([0, 10, 20], True)]
    assert (result.dims, result["truth"].values.tolist()) == (("truth",), [0, 10, 20, 30])


def test_of_all_members_together_the_answer_is_known():
    """Whatever the members are, even if nothing of them is right: an identity, and so no evidence of skill."""
    random = np.random.default_rng(3)
    values = random.gamma(0.3, 5, (7, 2, 4, 3)) ** random.integers(1, 4, (7, 1, 1, 1))
    field = _field(7).copy(data=values)
    squares = verification.each_as_truth(verification.squares, field).mean("truth")
    np.testing.assert_allclose(squares["spread"], squares["error"], rtol=1e-9)
    ranks = verification.each_as_truth(verification.ranks, field).mean("truth")
    np.testing.assert_allclose(ranks, 1 / 7)
    half_difference = np.mean([abs(values[i] - values[j]) for i in range(7) for j in range(7) if i != j], axis=0) / 2
    np.testing.assert_allclose(verification.each_as_truth(verification.crps, field).mean("truth"), half_difference, rtol=1e-9)


def test_a_model_that_is_too_sure_is_found_out():
    drawn = np.random.default_rng(4).normal(size=(6, 2, 40, 30)).cumsum(axis=1)
    coords = {"latitude": np.linspace(-80, 80, 40), "longitude": np.arange(0, 360, 12.0)}
    field = xr.DataArray(drawn, coords, DIMS)
    sure = ((field + field.mean("realization")) / 2).isel(realization=slice(1, None))
    truth = field.isel(realization=0, drop=True)
    means = verification.squares(sure, truth).map(ensemble.area_mean)
    assert float(np.sqrt(means["spread"] / means["error"]).max()) < 0.75
    assert float(verification.ranks(sure, truth).isel(rank=[0, -1]).sum("rank").min()) > 0.5


@pytest.fixture(scope="module")
def series() -> xr.DataArray:
    return catalogue.sample("nino12").load()


def test_climatology_by_counting_years(series):
    forecast, values = verification.climatology(series, 3), series.values
    assert forecast.dims == ("realization", "time")
    for month in (36, 100, 731):
        assert forecast.values[:, month].tolist() == [values[month - 12], values[month - 24], values[month - 36]]
    assert np.isnan(forecast.values[:, :36]).all(), "all of them, or none"


@pytest.mark.parametrize("lead", [1, 5, 12])
def test_persistence_by_counting_months(series, lead):
    forecast, values = verification.persistence(series, lead, 2), series.values
    for month in (40, 100, 731):
        expected = [values[month - lead] + values[month - back] - values[month - back - lead] for back in (12, 24)]
        np.testing.assert_allclose(forecast.values[:, month], expected)
    assert np.isnan(forecast.values[:, : 24 + lead]).all()
    assert np.isfinite(forecast.values[:, 24 + lead :]).all()


def test_neither_forecast_knows_what_is_still_to_come(series):
    """A record that goes mad after the last month known gives the same forecast."""
    mad = series.copy(data=np.where(np.arange(series.size) > 500, 99.0, series.values))
    for lead in (1, 6, 12):
        ours, theirs = (verification.persistence(record, lead, 12)[:, 500 + lead] for record in (series, mad))
        assert ours.equals(theirs)
    assert verification.climatology(series, 12)[:, 501].equals(verification.climatology(mad, 12)[:, 501])


@pytest.mark.parametrize("lead", [0, 13])
def test_a_lead_that_would_look_ahead_is_an_error(series, lead):
    with pytest.raises(ValueError, match=f"a lead of {lead} months; this forecast takes 1 to 12"):
        verification.persistence(series, lead, 12)


def _scores(values, reference) -> tuple[xr.DataArray, xr.DataArray]:
    time = xr.date_range("1951-01", periods=len(values), freq="MS")
    return tuple(xr.DataArray(np.array(part, float), {"time": time}, ["time"]) for part in (values, reference))


def test_skill_by_hand():
    score, reference = _scores(np.full(24, 3.0), np.full(24, 4.0))
    score[5], reference[7] = np.nan, np.nan
    score[7], reference[5] = 1e6, 1e6
    assert verification.skill(score, reference) == pytest.approx((0.25, 0.25, 0.25))
    assert verification.skill(reference, reference) == pytest.approx((0, 0, 0))


def test_the_interval_is_that_of_whole_years():
    """Months of a year alike, so that only the years count: against the error of a ratio of means, to first order."""
    random = np.random.default_rng(5)
    a, b = random.gamma(8, 1, 60), random.gamma(8, 1.5, 60)
    score, reference = _scores(np.repeat(a, 12), np.repeat(b, 12))
    middle, lower, upper = verification.skill(score, reference)
    ratio = a.mean() / b.mean()
    error = (a - ratio * b).std(ddof=1) / b.mean() / math.sqrt(60)
    assert middle == pytest.approx(1 - ratio)
    assert (upper - lower) / 2 == pytest.approx(1.96 * error, rel=0.1)
    assert (upper + lower) / 2 == pytest.approx(middle, abs=0.2 * error)


def test_persistence_beats_the_season_for_some_months_only(series):
    """Niño 1+2 keeps its anomaly for a season: so the simplest forecast is of use for that long, by its mean absolute error too."""
    season = verification.climatology(series, 12)
    anomaly = el_nino.monthly_anomaly(series)
    for lead, better in ((1, True), (9, False)):
        last = verification.persistence(series, lead, 12)
        found = verification.skill(verification.crps(last, series), verification.crps(season, series))
        assert (found[1] > 0) if better else (found[2] < 0)
        kept = abs(anomaly - anomaly.shift(time=lead)).mean() < abs(anomaly).mean()
        assert bool(kept) is better


def test_reliability_by_counting():
    """What is missing anywhere does not count, and what is equal is not above."""
    time = xr.date_range("1951-01", periods=24, freq="MS")
    random = np.random.default_rng(6)
    values, came = random.normal(size=(3, 24)).round(1), random.normal(size=24).round(1)
    values[:, came > 0.8] += 9
    values[1, 3], came[5], limit = np.nan, np.nan, random.normal(size=24).round(1)
    limit[7], came[8], values[0, 9] = np.nan, limit[8], limit[9]
    forecast, truth, threshold = (
        xr.DataArray(part, {"time": time}, ["realization", "time"][2 - part.ndim :]) for part in (values, came, limit)
    )
    for level in (threshold, 0.5):
        found = verification.reliability(forecast, truth, level)
        counted = {}
        for month in range(24):
            above = level if isinstance(level, float) else limit[month]
            if month not in (3, 5) and not math.isnan(above):
                counted.setdefault(sum(value > above for value in values[:, month]) / 3, []).append(int(came[month] > above))
        assert found["probability"].values.tolist() == sorted(counted)
        for said, events in counted.items():
            one = found.sel(probability=said)
            assert (int(one["number"]), float(one["frequency"])) == (len(events), pytest.approx(statistics.mean(events)))


def test_reliability_is_a_part_of_the_brier_score(series):
    """Murphy, A. H. (1973), J. Appl. Meteor. 12, 595-600: reliability, less resolution, and uncertainty."""
    forecast = verification.persistence(series, 3, 12).dropna("time")
    truth = series.sel(time=forecast["time"])
    assert int(truth.isnull().sum()) == 0
    found = verification.reliability(forecast, truth, 24.0)
    weights = found["number"]
    rate = float((truth > 24).mean())
    assert float(found["frequency"].weighted(weights).mean()) == pytest.approx(rate)
    reliability, resolution = (
        float(((found["frequency"] - of) ** 2).weighted(weights).mean()) for of in (found["probability"], rate)
    )
    brier = scores.probability.brier_score_for_ensemble(
        forecast, truth, "realization", 24, event_threshold_operator=operator.gt, fair_correction=False
    )
    assert brier.item() == pytest.approx(reliability - resolution + rate * (1 - rate))


def test_the_interval_of_a_frequency_is_that_of_whole_years():
    """Each year all of one kind, half of them yes: as many coins as there are years, not as there are months."""
    time = xr.date_range("1800-01", periods=2400, freq="MS")
    random = np.random.default_rng(8)
    yes = np.repeat([random.permutation(np.arange(100) % 2) for _ in range(2)], 12)
    truth = xr.DataArray(yes.astype(float), {"time": time}, ["time"])
    forecast = xr.concat([xr.ones_like(truth), truth.copy(data=np.repeat([0.0, 1], 1200))], "realization")
    found = verification.reliability(forecast, truth, 0.5)
    assert (found["probability"].values.tolist(), found["number"].values.tolist()) == ([0.5, 1], [1200, 1200])
    assert found["frequency"].values.tolist() == [0.5, 0.5]
    half = 1.96 * math.sqrt(0.25 / 100)
    np.testing.assert_allclose(found["lower"], 0.5 - half, atol=0.015)
    np.testing.assert_allclose(found["upper"], 0.5 + half, atol=0.015)
    assert found["lower"][0] != found["lower"][1]
