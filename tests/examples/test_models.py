"""Models side by side, against NumPy written out by hand, against CDO and Iris, and against what the sample is known to hold."""

import math
import re
import shutil
import subprocess
from collections import Counter
from functools import cache

import cftime
import dask
import iris
import iris.analysis.cartography
import numpy as np
import pytest
import xarray as xr
from cf_units import Unit
from iris.util import equalise_attributes

from examples import models, samples

pytestmark = [
    pytest.mark.filterwarnings("ignore:The 'generic' unit for NumPy timedelta:DeprecationWarning:flox"),
    pytest.mark.filterwarnings("ignore:Using DEFAULT_SPHERICAL_EARTH_RADIUS"),
]

CALENDARS = {"noleap": 29, "proleptic_gregorian": 8, "standard": 3, "julian": 1, "360_day": 1}


@cache
def _runs() -> dict[str, list]:
    return {name.split("_")[2]: files for name, files in models.runs(samples.paths("cmip6")).items()}


@cache
def _model(name: str) -> xr.DataArray:
    return models.open_run(_runs()[name]).load()


def _mean(name: str) -> xr.DataArray:
    """The area mean of a model at 925 hPa, on the axis of months."""
    field = _model(name).sel(plev=92500, method="nearest", drop=True)
    return models.monthly(field.weighted(field.cell_area).mean(["lat", "lon"], keep_attrs=True))


# The sample


def test_the_sample_has_one_run_of_each_of_forty_two_models_on_five_calendars():
    runs = models.runs(samples.paths("cmip6"))
    assert len(runs) == len(_runs()) == 42
    assert all("_historical_r1i1p1f1_g" in name for name in runs)
    assert sum(len(files) for files in runs.values()) == 270
    found = Counter()
    for files in _runs().values():
        with xr.open_dataset(files[0], decode_times=xr.coders.CFDatetimeCoder(use_cftime=True)) as data:
            found[data["time"].dt.calendar] += 1
    assert found == CALENDARS


def test_the_licences_are_those_that_the_sample_names():
    kinds = Counter()
    for name, files in _runs().items():
        with xr.open_dataset(files[0], decode_times=False) as data:
            text = re.sub(r"[^a-z0-9.]", "", data.attrs["license"].lower())
        assert "creativecommonsattribution" in text
        assert "sharealike4.0international" in text
        kinds["noncommercial" in text] += 1
        assert ("noncommercial" in text) == (name == "IPSL-CM6A-LR")
    assert kinds == {False: 41, True: 1}
    assert "IPSL-CM6A-LR, by its file, CC BY-NC-SA 4.0" in samples.SAMPLES["cmip6"].licence


def test_runs_are_told_apart_by_member_and_grid_and_their_files_are_in_order(tmp_path):
    names = [
        "ta_Amon_A_historical_r1i1p1f1_gn_190001-199912.nc",
        "ta_Amon_A_historical_r1i1p1f1_gn_185001-189912.nc",
        "ta_Amon_A_historical_r2i1p1f1_gn_185001-189912.nc",
        "ta_Amon_A_historical_r1i1p1f1_gr_185001-189912.nc",
    ]
    found = models.runs(tmp_path / folder / name for folder, name in zip("abcd", names, strict=True))
    assert {run: [file.name for file in files] for run, files in found.items()} == {
        "ta_Amon_A_historical_r1i1p1f1_gn": [names[1], names[0]],
        "ta_Amon_A_historical_r2i1p1f1_gn": [names[2]],
        "ta_Amon_A_historical_r1i1p1f1_gr": [names[3]],
    }


# Opening


def test_a_run_is_opened_lazily_with_its_own_calendar_and_names():
    def refuse(*args, **kwargs):
        raise AssertionError("computed before anybody asked")

    # The edges of the cells are read, and nothing else.
    field = models.open_run(_runs()["IPSL-CM6A-LR"])
    with dask.config.set(scheduler=refuse):
        lazy = models.monthly(field.weighted(field.cell_area).mean(["lat", "lon"]))
    assert dask.is_dask_collection(field)
    assert dask.is_dask_collection(lazy)
    julian = _model("IITM-ESM")
    assert isinstance(julian["time"].values[0], cftime.DatetimeJulian)
    assert (julian["model"].item(), julian["institution"].item()) == ("IITM-ESM", "CCCR-IITM")
    assert (julian.dims, julian.attrs["units"]) == (("time", "plev", "lat", "lon"), "K")


def test_fill_values_that_are_not_declared_are_missing_and_nothing_else_is():
    for name in ("CESM2", "CanESM5"):
        parts = []
        for file in _runs()[name]:
            with xr.open_dataset(file, mask_and_scale=False, decode_times=False) as data:
                parts.append(data["ta"].values)
        raw, field = np.concatenate(parts), _model(name)
        assert bool((raw > 1e10).any()) == (name == "CESM2")
        np.testing.assert_array_equal(field.values, np.where(raw > 1e10, np.nan, raw))
        # Only the lower of the two levels lies below the surface at times.
        assert not field.sel(plev=92500).isnull().any()


def test_files_of_two_grids_are_refused():
    with pytest.raises(ValueError, match="exact"):
        models.open_run([_runs()["CanESM5"][0], _runs()["CESM2"][0]])


# Cells


def _grid(lat, lon, /, **bounds) -> xr.Dataset:
    edges = {f"{axis}_bnds": ((axis, "bnds"), np.array(pairs)) for axis, pairs in bounds.items()}
    return xr.Dataset(edges, {"lat": ("lat", np.array(lat, float)), "lon": ("lon", np.array(lon, float))})


def test_cell_areas_by_hand_from_bounds_which_need_not_be_half_way():
    grid = _grid([10, 60], [0, 5], lat=[[0, 20], [20, 80]], lon=[[0, 1], [1, 9]])
    area = models.cell_area(grid)
    for row, (south, north) in enumerate([(0, 20), (20, 80)]):
        for column, width in enumerate([1, 8]):
            expected = (math.sin(math.radians(north)) - math.sin(math.radians(south))) / 2 * width / 360
            assert float(area[row, column]) == pytest.approx(expected)
    assert (area.dims, area.attrs["units"]) == (("lat", "lon"), "1")


@pytest.mark.parametrize("lat", [np.arange(-85, 90, 10.0), np.arange(85, -90, -10.0), np.arange(-90, 91, 10.0)])
@pytest.mark.parametrize("lon", [np.arange(0, 360, 30.0), np.arange(-180, 180, 30.0), np.array([0.0, 180.0])])
def test_the_cells_of_a_whole_globe_without_bounds_fill_the_sphere(lat, lon):
    area = models.cell_area(_grid(lat, lon))
    assert float(area.sum()) == pytest.approx(1)
    assert bool((area > 0).all())
    np.testing.assert_allclose(area.values, area.values[::-1])


def test_no_cell_goes_beyond_the_pole():
    past = models.cell_area(_grid([88, 90], [0], lat=[[87, 89], [89, 91]], lon=[[0, 1]]))
    cut = models.cell_area(_grid([88, 90], [0], lat=[[87, 89], [89, 90]], lon=[[0, 1]]))
    np.testing.assert_allclose(past, cut)
    with xr.open_dataset(_runs()["CESM2-FV2"][0], decode_times=False) as data:
        assert float(data["lat_bnds"].max()) > 90.9


def test_a_single_point_is_a_cell():
    assert models.cell_area(_grid([45], [7])).values == pytest.approx(
        (math.sin(math.radians(45.5)) - math.sin(math.radians(44.5))) / 720
    )


def test_the_cells_of_the_sample_are_by_its_bounds():
    """The bounds of this model begin at 0° for a point at 0°: half-way between the points they are not."""
    area = _model("NorESM2-LM")["cell_area"]
    np.testing.assert_allclose(area[:, 1] / area[:, 0], 2)
    assert "lat_bnds" not in xr.open_dataset(_runs()["IPSL-CM6A-LR"][0], decode_times=False)
    assert bool((_model("IPSL-CM6A-LR")["cell_area"] > 0).all())


# Against CDO and Iris


@pytest.mark.parametrize("name", ["NESM3", "CESM2", "IITM-ESM", "KACE-1-0-G"])
def test_annual_means_of_an_area_are_cdo_s(name, tmp_path):
    assert shutil.which("cdo"), "this test compares with CDO: apt-get install --no-install-recommends cdo"
    (file, *_) = files = _runs()[name]
    assert files == [file] or name == "IITM-ESM"
    level = float(_model(name)["plev"][1])
    out = tmp_path / "out.nc"
    chain = ["-yearmonmean", "-fldmean", f"-sellevel,{level:g}", "-selname,ta", "-setmissval,1e20", str(file)]
    subprocess.run(["cdo", "-s", "-b", "F64", *chain, str(out)], check=True, capture_output=True, text=True)
    with xr.open_dataset(out, decode_times=False) as data:
        expected = data["ta"].values.ravel()
    ours = models.annual_mean(_mean(name)).values[: expected.size]
    np.testing.assert_allclose(ours, expected, atol=2e-4)
    assert expected.size >= 10


def test_the_area_mean_of_a_model_of_many_files_is_iris_s():
    cubes = iris.load([str(file) for file in _runs()["BCC-CSM2-MR"]])
    equalise_attributes(cubes)
    for cube in cubes:
        cube.coord("time").convert_units(Unit("days since 1850-01-01", calendar="365_day"))
    cube = cubes.concatenate_cube().extract(iris.Constraint(air_pressure=92500))
    weights = iris.analysis.cartography.area_weights(cube)
    expected = cube.collapsed(["latitude", "longitude"], iris.analysis.MEAN, weights=weights).data
    np.testing.assert_allclose(_mean("BCC-CSM2-MR"), expected, rtol=1e-6)


# Calendars


@pytest.mark.parametrize("calendar", CALENDARS)
def test_every_calendar_comes_to_the_first_of_each_month_and_keeps_its_days(calendar):
    time = xr.date_range("1999-12-16", periods=16, freq="MS", calendar=calendar, use_cftime=True)
    field = xr.DataArray(np.arange(16.0), {"time": time}, ["time"])
    result = models.monthly(field)
    expected = [f"{year}-{month:02d}-01" for year, month in [(2000, m) for m in range(1, 13)] + [(2001, m) for m in range(1, 5)]]
    assert [str(day)[:10] for day in result["time"].values] == expected
    february = {"noleap": 28, "360_day": 30}.get(calendar, 29)
    january = 30 if calendar == "360_day" else 31
    assert result["days"].values[[0, 1, 12]].tolist() == [january, february, january]
    np.testing.assert_array_equal(result, field)


def test_the_months_of_models_meet_and_each_value_stays_in_its_month():
    names = ["CanESM5", "ACCESS-CM2", "IITM-ESM", "MIROC6", "KACE-1-0-G", "FGOALS-g3"]
    assert {_model(name)["time"].dt.calendar for name in names} == set(CALENDARS)
    one = xr.concat([_mean(name) for name in names], "run", join="inner")
    assert one.shape == (6, 780)
    assert [str(one["time"].values[end])[:10] for end in (0, -1)] == ["1950-01-01", "2014-12-01"]
    for number, name in enumerate(names):
        own = _model(name)
        for year, month in ((1950, 1), (1983, 2), (2014, 12)):
            (place,) = np.flatnonzero((own["time"].dt.year == year) & (own["time"].dt.month == month))
            values, area = own.values[place, 1].astype(float), own["cell_area"].values
            expected = (values * area).sum() / area.sum()
            assert float(one[number].sel(time=f"{year}-{month:02d}-01")) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("months", "message"),
    [
        (["2000-01", "2000-03"], "2000-03 comes after 2000-01"),
        (["2000-01", "2000-02", "2000-02"], "2000-02 comes after 2000-02"),
        (["2000-12", "2000-11"], "2000-11 comes after 2000-12"),
    ],
)
def test_months_that_do_not_follow_one_another_are_refused(months, message):
    time = np.array([f"{month}-15" for month in months], "datetime64[ns]")
    with pytest.raises(ValueError, match=f"{message}; give every month once, in order"):
        models.monthly(xr.DataArray(np.zeros(len(months)), {"time": time}, ["time"]))


@pytest.mark.parametrize("chunks", [None, 5])
def test_a_year_is_a_mean_over_days_by_hand(chunks):
    time = xr.date_range("2000-01-15", periods=36, freq="MS", calendar="noleap", use_cftime=True)
    field = xr.DataArray(np.random.default_rng(6).normal(250, 9, 36), {"time": time}, ["time"], attrs={"units": "K"})
    months = models.monthly(field if chunks is None else field.chunk(time=chunks))
    result = models.annual_mean(months).load()
    days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    # The first date is that of February: 2000 has no January, and 2003 no other.
    assert result["year"].values.tolist() == [2000, 2001, 2002, 2003]
    assert np.isnan(result.values[[0, 3]]).all()
    for number, start in ((1, 11), (2, 23)):
        values = field.values[start : start + 12]
        expected = sum(value * length for value, length in zip(values, days, strict=True)) / 365
        assert float(result[number]) == pytest.approx(expected)
        assert abs(float(result[number]) - values.mean()) > 1e-4
    assert result.attrs == {"units": "K"}


def test_a_year_with_a_missing_month_is_missing():
    field = xr.DataArray(np.ones(24), {"time": xr.date_range("2001", periods=24, freq="MS")}, ["time"])
    field[5] = np.nan
    result = models.annual_mean(models.monthly(field))
    assert np.isnan(result.values[0])
    assert result.values[1] == 1


# Votes, agreement and signal


def _votes(values, labels, by="model") -> xr.DataArray:
    return xr.DataArray(np.array(values, float), {by: ("run", labels)}, ["run"], attrs={"units": "K"})


def test_a_model_with_many_runs_has_one_vote():
    votes = models.one_vote(_votes([1, 2, 6, 10], ["a", "a", "a", "b"]))
    assert votes["model"].values.tolist() == ["a", "b"]
    assert votes.values.tolist() == [3, 10]
    assert float(votes.mean("model")) == 6.5
    assert votes.attrs == {"units": "K"}


def test_a_run_without_a_value_does_not_vote_and_a_model_without_one_is_missing():
    votes = models.one_vote(_votes([1, np.nan, np.nan], ["a", "a", "b"]))
    assert votes.values[0] == 1
    assert np.isnan(votes.values[1])


def test_institutions_may_vote_instead():
    assert models.one_vote(_votes([1, 3, 8], ["x", "x", "y"], "institution"), "institution").values.tolist() == [2, 8]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([1, 2, -1, 3], 0.75),
        ([-1, -2, 1, -3], 0.75),
        ([1, -1], 0.5),
        ([1, 0, 0, 0], 0.25),
        ([1, np.nan, 2, -3], 2 / 3),
        ([5], 1),
        ([0, 0], 0),
        ([np.nan, np.nan], np.nan),
    ],
)
def test_agreement_by_hand(changes, expected):
    result = models.agreement(xr.DataArray(changes, dims="model", attrs={"units": "K"}).astype(float))
    assert float(result) == pytest.approx(expected, nan_ok=True)
    assert result.attrs["units"] == "1"


def test_the_threshold_by_hand():
    random = np.random.default_rng(3)
    years, values = np.arange(1950, 1970), random.normal(260, 1, (2, 20)) + 0.3 * np.arange(20)
    result = models.threshold(xr.DataArray(values, {"year": years}, ["model", "year"]))
    for number, row in enumerate(values):
        x = years - years.mean()
        slope = (x * row).sum() / (x * x).sum()
        rest = row - row.mean() - slope * x
        expected = math.sqrt(2 / 20) * 1.645 * math.sqrt((rest**2).sum() / 18)
        assert float(result[number]) == pytest.approx(expected, rel=1e-6)


def test_a_straight_line_has_no_variability():
    line = xr.DataArray(250 + 0.1 * np.arange(20), {"year": np.arange(1950, 1970)}, ["year"])
    assert float(models.threshold(line)) == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize(
    ("beyond", "within", "expected"),
    [
        ([2] * 66, [0.1] * 34, "robust"),
        ([2] * 65, [0.1] * 35, "none"),
        ([-2] * 70, [-0.1] * 30, "robust"),
        ([2] * 66 + [0.1] * 14, [-0.1] * 20, "robust"),
        ([2] * 66 + [0.1] * 13, [-0.1] * 21, "conflicting"),
        ([2] * 50 + [-2] * 50, [], "conflicting"),
    ],
)
def test_the_signal_has_the_limits_of_the_ipcc(beyond, within, expected):
    change = xr.DataArray(np.array(beyond + within, float), dims="model")
    assert models.signal(change, xr.ones_like(change)).item() == expected


def test_a_map_of_changes_has_a_map_of_signals():
    change = xr.DataArray([[2.0, 2, 0.1, np.nan], [2, -2, 0.1, np.nan], [2, 2, np.nan, np.nan]], dims=["model", "lat"])
    assert models.signal(change, xr.ones_like(change)).values.tolist() == ["robust", "conflicting", "none", ""]


# The whole way, by NumPy alone


def _change_by_hand(name: str) -> float:
    """The change of a model's annual mean from 1950-1969 to 1995-2014 at 925 hPa: K."""
    years: dict[int, list[tuple[float, int]]] = {}
    for file in _runs()[name]:
        with xr.open_dataset(file, decode_times=xr.coders.CFDatetimeCoder(use_cftime=True)) as data:
            south, north = np.sin(np.deg2rad(np.minimum(data["lat_bnds"].values, 90))).T
            west, east = data["lon_bnds"].values.T
            weights = (north - south)[:, None] * (east - west)
            for time, field in zip(data["time"].values, data["ta"].values[:, 1], strict=True):
                mean = float((field * weights).sum() / weights.sum())
                years.setdefault(time.year, []).append((mean, time.daysinmonth))
    means = {year: sum(mean * days for mean, days in of_it) / sum(days for _, days in of_it) for year, of_it in years.items()}
    late, early = ([means[year] for year in range(first, first + 20)] for first in (1995, 1950))
    return sum(late) / 20 - sum(early) / 20


@pytest.mark.parametrize(("name", "known"), [("GFDL-ESM4", -0.04), ("CESM2-FV2", 1.13), ("KACE-1-0-G", 1.50)])
def test_the_change_of_a_model_by_hand(name, known):
    annual = models.annual_mean(_mean(name))
    change = annual.sel(year=slice(1995, 2014)).mean() - annual.sel(year=slice(1950, 1969)).mean()
    assert float(change) == pytest.approx(_change_by_hand(name), abs=1e-4)
    assert round(float(change), 2) == known
