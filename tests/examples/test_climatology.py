"""The climatology and its anomalies against loops in plain NumPy, CDO and Iris."""

import subprocess

import dask
import iris.analysis
import iris.coord_categorisation
import numpy as np
import pytest
import xarray as xr
from ncdata.iris_xarray import cubes_from_xarray

from examples import climatology

pytestmark = [
    pytest.mark.filterwarnings("ignore:Setting the (dtype|shape) on a NumPy array:DeprecationWarning:iris"),
    pytest.mark.filterwarnings("ignore:Setting the (dtype|shape) on a NumPy array:DeprecationWarning:ncdata"),
    pytest.mark.filterwarnings("ignore:You are using legacy date precision:FutureWarning:iris"),
]

DIMS = ("time", "latitude", "longitude")
FILL = np.float32(-999)


def record(start="1999-12-20", days=1500, calendar="standard", dtype="float32") -> xr.DataArray:
    """Daily random temperatures with one value in ten missing, one point that is never there, and one that is there once."""
    values = np.random.default_rng(1).normal(290, 5, (days, 3, 4))
    values[np.random.default_rng(2).random(values.shape) < 0.1] = np.nan
    values[:, 0, 0] = np.nan
    values[1:, 1, 1], values[0, 1, 1] = np.nan, 290
    times = xr.date_range(start, periods=days, freq="D", calendar=calendar, use_cftime=calendar != "standard")
    coords = {
        "time": times,
        "latitude": ("latitude", [10.0, 0, -10], {"units": "degrees_north", "standard_name": "latitude"}),
        "longitude": ("longitude", np.arange(0, 360, 90.0), {"units": "degrees_east", "standard_name": "longitude"}),
    }
    attributes = {"units": "K", "standard_name": "sea_surface_temperature"}
    return xr.DataArray(values.astype(dtype), coords, DIMS, "sst", attributes)


def key(date, by):
    return date.month if by == "month" else (date.month, date.day)


def dates(field):
    return (
        [value.item() if hasattr(value, "item") else value for value in field.time.values.astype("datetime64[us]")]
        if (field.time.dtype.kind == "M")
        else list(field.time.values)
    )


def by_hand(field, by) -> np.ndarray:
    """Each group's mean at each place, from lists of Python's own numbers."""
    found = {}
    for date, values in zip(dates(field), field.values.astype(float), strict=True):
        found.setdefault(key(date, by), []).append(values)
    means = np.full((len(found), *field.shape[1:]), np.nan)
    for number, group in enumerate(sorted(found)):
        for place in np.ndindex(field.shape[1:]):
            column = [values[place] for values in found[group] if not np.isnan(values[place])]
            if column:
                means[(number, *place)] = sum(column) / len(column)
    return means


CHUNKS = {"in memory": None, "one chunk": -1, "uneven": (1, 700, 2, 797), "30 days": 30, "single times": 1}


@pytest.mark.parametrize("by", ["month", "day"])
@pytest.mark.parametrize("chunks", CHUNKS.values(), ids=CHUNKS)
def test_mean_by_hand_wherever_a_chunk_ends(by, chunks):
    field = record()
    lazy = field if chunks is None else field.chunk(time=chunks)
    result = climatology.mean(lazy, by, parts=3)
    np.testing.assert_allclose(result.values, by_hand(field, by), rtol=1e-13)
    assert result.dims == (by, "latitude", "longitude")
    assert (result.dtype, result.attrs, result.name) == (float, field.attrs, "sst")
    assert result.latitude.equals(field.latitude)


@pytest.mark.parametrize(
    ("calendar", "groups"), [("standard", 366), ("proleptic_gregorian", 366), ("noleap", 365), ("360_day", 360), ("all_leap", 366)]
)
def test_each_calendar_has_its_own_days(calendar, groups):
    field = record(calendar=calendar)
    result = climatology.mean(field.chunk(time=100), "day")
    assert result.sizes["day"] == groups
    assert (229 in result.day) == (groups != 365)
    assert (230 in result.day) == (calendar == "360_day")
    np.testing.assert_allclose(result.values, by_hand(field, "day"), rtol=1e-13)


def test_the_first_of_march_is_one_group_in_leap_years_and_in_others():
    times = xr.date_range("2000-01-01", "2001-12-31", freq="D")
    field = xr.DataArray(np.arange(len(times), dtype="float32"), {"time": times}, ["time"])
    result = climatology.mean(field.chunk(time=50), "day")
    assert float(result.sel(day=229)) == 59  # the one that there was
    assert float(result.sel(day=301)) == (60 + 366 + 59) / 2
    assert float(climatology.anomaly(field, result).sel(time="2001-03-01")) == 366 + 59 - (60 + 366 + 59) / 2


def test_groups_that_the_record_lacks_are_not_made_up():
    result = climatology.mean(record(start="2001-11-20", days=30).chunk(time=7), "month")
    assert result.month.values.tolist() == [11, 12]


def test_one_time():
    field = record(days=1)
    result = climatology.mean(field.chunk(), "day", parts=4)
    np.testing.assert_array_equal(result.values, field.values.astype(float))
    assert bool((climatology.anomaly(field, result).fillna(0) == 0).all())


def test_dimensions_in_any_order_and_chunks_in_space():
    field = record().transpose("latitude", "longitude", "time").chunk(time=40, latitude=1, longitude=3)
    np.testing.assert_allclose(climatology.mean(field, "month").values, by_hand(record(), "month"), rtol=1e-13)


def test_sums_of_single_precision_are_in_double():
    field = record(days=3000)
    field = field.copy(data=np.where(np.isnan(field), np.nan, np.float32(300.1)).astype("float32"))
    result = climatology.mean(field.chunk(time=500), "month")
    worst = float(abs(result - np.float32(300.1)).max())
    assert worst < 1e-9
    # What summing in single precision does to the same numbers.
    total = np.float32(0)
    for _ in range(3000):
        total += np.float32(300.1)
    assert abs(total / 3000 - np.float32(300.1)) > 1e4 * max(worst, 1e-12)


def test_integers_are_summed_too():
    field = record().fillna(0).astype("int16")
    np.testing.assert_allclose(climatology.mean(field.chunk(time=60), "month").values, by_hand(field, "month"), rtol=1e-13)


@pytest.mark.parametrize("by", ["month", "day"])
def test_mean_of_a_field_as_it_is_stored(file, by):
    with xr.open_dataset(file, chunks={"time": 50}, mask_and_scale=False) as data:
        assert float(data.sst.min()) == FILL  # and what is missing moves
        result = climatology.mean(data.sst, by)
    np.testing.assert_allclose(result.values, by_hand(record(), by), rtol=1e-13)
    assert result.attrs == record().attrs


@pytest.mark.parametrize(
    ("dtype", "attributes"),
    [
        ("int16", {"_FillValue": -9}),
        ("float32", {"_FillValue": -999, "missing_value": [-9, 1e20]}),
        ("float32", {"_FillValue": np.nan, "missing_value": -9}),
    ],
    ids=["whole numbers", "several", "NaN and another"],
)
def test_what_stands_for_missing_in_a_field_as_it_is_stored(dtype, attributes):
    missing = np.hstack(list(attributes.values())).astype(dtype)
    stored = record().round().fillna(-9).astype(dtype)
    stored[5 : 5 + len(missing), 2, 2] = missing
    result = climatology.mean(stored.assign_attrs(attributes).chunk(time=50), "month")
    np.testing.assert_allclose(result.values, by_hand(stored.where(~stored.isin(missing)), "month"), rtol=1e-13)


@pytest.mark.parametrize("name", ["scale_factor", "add_offset", "_Unsigned"])
def test_a_packed_field_is_not_summed_as_it_is_stored(name):
    with pytest.raises(ValueError, match=rf"is packed \(it has {name}\), and not decoded; open it without mask_and_scale=False"):
        climatology.mean(record().assign_attrs({name: 1}), "month")


def test_by_something_else_is_an_error():
    with pytest.raises(ValueError, match='made by "month" or by "day", not by \'dayofyear\''):
        climatology.mean(record(), "dayofyear")


@pytest.mark.parametrize("by", ["month", "day"])
def test_anomaly_by_hand(by):
    field = record()
    normal = climatology.mean(field, by)
    result = climatology.anomaly(field.chunk(time=37, latitude=2), normal)
    assert (result.dims, result.dtype, result.attrs) == (DIMS, field.dtype, field.attrs)
    assert result.chunks
    means = by_hand(field, by)
    numbers = {group: number for number, group in enumerate(sorted({key(date, by) for date in dates(field)}))}
    for date, found, values in zip(dates(field), result.values, field.values, strict=True):
        np.testing.assert_allclose(found, values - means[numbers[key(date, by)]], atol=1e-5)


def test_anomaly_from_another_record_on_the_same_grid():
    normal = climatology.mean(record(days=800), "month") * 0 + 10
    field = record(start="2050-05-05", days=40).chunk(time=9)
    np.testing.assert_allclose(climatology.anomaly(field, normal).values[:, 0, 1], field.values[:, 0, 1] - 10, rtol=1e-6)


def test_anomaly_of_a_day_that_the_climatology_lacks():
    normal = climatology.mean(record(start="2001-01-01", days=365), "day")
    with pytest.raises(ValueError, match="no day 229; make it from a record that does"):
        climatology.anomaly(record(start="2004-01-01", days=365), normal)


def test_anomaly_of_a_field_as_it_is_stored():
    with pytest.raises(ValueError, match=r"not decoded \(it has a fill value\); open it without mask_and_scale=False"):
        climatology.anomaly(record().assign_attrs(_FillValue=FILL), climatology.mean(record(), "month"))


def test_anomaly_on_another_grid():
    normal = climatology.mean(record(), "month")
    with pytest.raises(ValueError, match="another grid: its latitude differs"):
        climatology.anomaly(record(), normal.assign_coords(latitude=[11.0, 0, -10]))


def test_an_anomaly_takes_three_tasks_a_chunk_at_most():
    field = record().chunk(time=10)
    result = climatology.anomaly(field, climatology.mean(field, "day"))
    (planned,) = dask.optimize(result.data)
    assert len(planned.__dask_graph__()) <= 3 * field.data.numblocks[0] + 3


@pytest.fixture
def file(tmp_path):
    """The record as CDO reads it."""
    record().to_netcdf(tmp_path / "in.nc", encoding={"sst": {"_FillValue": FILL}})
    return tmp_path / "in.nc"


def cdo(file, *command) -> np.ndarray:
    """What a command of CDO makes of a file: in CDO's own order, single precision."""
    out = file.with_name("out.nc")
    told = [str(file) if word == "in" else word for word in command]
    subprocess.run(["cdo", "-s", "-O", *told, str(out)], check=True, timeout=60, stderr=subprocess.DEVNULL)
    with xr.open_dataset(out, decode_times=False) as result:
        return result["sst"].values


@pytest.mark.parametrize(("by", "operator"), [("month", "ymonmean"), ("day", "ydaymean")])
def test_mean_as_cdo(file, by, operator):
    with xr.open_dataset(file, chunks={"time": 50}) as data:
        np.testing.assert_allclose(climatology.mean(data.sst, by), cdo(file, operator, "in"), rtol=3e-7)


@pytest.mark.parametrize(("by", "operators"), [("month", ("ymonsub", "-ymonmean")), ("day", ("ydaysub", "-ydaymean"))])
def test_anomaly_as_cdo(file, by, operators):
    less, mean = operators
    with xr.open_dataset(file, chunks={"time": 50}) as data:
        result = climatology.anomaly(data.sst, climatology.mean(data.sst, by))
        np.testing.assert_allclose(result, cdo(file, less, "in", mean, "in"), atol=5e-5)


def test_mean_as_iris():
    field = record(dtype="float64")
    (cube,) = cubes_from_xarray(field.to_dataset())
    cube.data = np.ma.masked_invalid(cube.data)
    iris.coord_categorisation.add_month_number(cube, "time", "month")
    by_month = cube.aggregated_by("month", iris.analysis.MEAN)
    order = np.argsort(by_month.coord("month").points)
    wanted = np.ma.filled(by_month.data, np.nan)[order]
    np.testing.assert_allclose(climatology.mean(field.chunk(time=45), "month"), wanted, rtol=1e-13)
