"""The checks of the exercises, on fields so small that the right answer is written down by hand."""

import numpy as np
import pytest
import xarray as xr

from examples.exercises import NotYet, analysis, storage


def months(count, calendar="standard"):
    return xr.date_range("2001-01", periods=count, freq="MS", calendar=calendar, use_cftime=calendar != "standard")


@pytest.mark.parametrize("calendar", ["standard", "360_day"])
def test_an_anomaly_is_what_is_left_of_the_mean_of_its_month(calendar):
    # Month m is at m kelvin in the first year, and at m + 1 in the second: half a kelvin below its mean, and half above.
    index = xr.DataArray([*range(12), *range(1, 13)], {"time": months(24, calendar)}, ["time"])
    right = index.copy(data=[-0.5] * 12 + [0.5] * 12)
    assert analysis.check_anomaly(right, index) == "Right: 0.50 K above its month at the most."
    with pytest.raises(NotYet, match="the sign is turned round"):
        analysis.check_anomaly(-right, index)
    with pytest.raises(NotYet, match=r"NumPy comes to something else, by up to 0.1"):
        analysis.check_anomaly(right + 0.1, index)


def test_a_row_counts_by_the_cosine_of_its_latitude():
    # At 60 degrees a cell is half as large as at the equator: (2 * 290 + 260) / 3.
    field = xr.DataArray([[[290.0, 290.0], [260.0, 260.0]]], {"latitude": [0.0, 60.0]}, ["time", "latitude", "longitude"])
    said = analysis.check_area_mean(xr.DataArray([280.0], dims="time"), field)
    assert said == "Right: 280.00 K in the first month; with equal weights, 5.0 K less."
    turned = field.isel(latitude=slice(None, None, -1)).transpose("longitude", "latitude", "time")
    assert analysis.check_area_mean(xr.DataArray([280.0], dims="time"), turned) == said
    for wrong, words in ((275.0, "weight by the cosine"), (6.85, "this is in °C"), (279.0, "something else, by up to 1")):
        with pytest.raises(NotYet, match=words):
            analysis.check_area_mean(xr.DataArray([wrong], dims="time"), field)


def test_a_probability_is_the_share_of_members_that_freeze():
    # Of four members none, one, three and all are below freezing; on it is not below.
    values = np.where(np.arange(4)[:, None] < [0, 1, 3, 4], 270.0, 273.15)[:, None, :]
    field = xr.DataArray(values, dims=("realization", "latitude", "longitude"))
    right = xr.DataArray([[0.0, 0.25, 0.75, 1.0]], dims=("latitude", "longitude"))
    assert analysis.check_probability(right, field) == "Right: at 50% of the points the members disagree."
    assert analysis.check_probability(right.T, field.T).startswith("Right")
    for wrong, words in (
        (1 - right, "above freezing"),
        (100 * right, "per cent"),
        (0 * right, "kelvin"),
        (xr.where(right > 0, 1.0, 0.0), "mean of the"),
    ):
        with pytest.raises(NotYet, match=words):
            analysis.check_probability(wrong, field)


@pytest.fixture
def field():
    values = np.arange(6 * 4 * 8, dtype="f4").reshape(6, 4, 8)
    return xr.DataArray(values, {"time": months(6)}, ["time", "latitude", "longitude"], "sst", {"units": "K"})


def test_chunks_as_long_as_the_field_and_as_many_as_are_allowed_are_right(field):
    assert storage.check_chunks((6, 2, 2), field) == "Right: the series reads 1 chunks, the map 8."
    with pytest.raises(NotYet, match="the map of one month reads 16 chunks, and at most 8 are allowed"):
        storage.check_chunks((6, 1, 2), field)
    with pytest.raises(NotYet, match="longer than the field along time"):
        storage.check_chunks((7, 2, 2), field)


@pytest.mark.parametrize(
    ("chunks", "counts"),
    [((1, 4, 8), (6, 1)), ((6, 1, 1), (1, 32)), ((2, 4, 4), (3, 2)), ((4, 3, 5), (2, 4)), ((6, 4, 8), (1, 1))],
)
def test_the_chunks_that_a_read_meets_are_counted_by_the_store(chunks, counts, field):
    assert storage.chunks_read(field, chunks) == counts


def test_files_are_one_array_in_order_and_lazy(field):
    assert storage.check_many_files(field.chunk(time=2), field) == "Right: 0 MB in 3 chunks, opened without reading the values."
    assert storage.check_many_files(field.chunk(time=2).transpose("longitude", "latitude", "time"), field).startswith("Right")
    for wrong, words in (
        (field, "read into memory"),
        (field.chunk().isel(time=[1, 0, 2, 3, 4, 5]), "in the order of the files' names"),
        (field.chunk().isel(time=slice(2)), "it holds 2 months, and the files hold 6"),
        (-field.chunk(), "the values are not those"),
    ):
        with pytest.raises(NotYet, match=words):
            storage.check_many_files(wrong, field)


def test_a_store_holds_a_field_bit_by_bit_with_its_unit_and_what_is_missing(tmp_path, field):
    field[0, 0, 0] = np.nan
    field.to_dataset().to_zarr(tmp_path / "sst.zarr", consolidated=False)
    assert storage.check_store(tmp_path / "sst.zarr", field).startswith("Right: 6 months, bit by bit; ")
    with pytest.raises(NotYet, match="have changed on the way"):
        storage.check_store(tmp_path / "sst.zarr", field.assign_attrs(units="degC"))
    with pytest.raises(NotYet, match="have changed on the way"):
        storage.check_store(tmp_path / "sst.zarr", field.fillna(0))
    with pytest.raises(NotYet, match=r"there is no store yet: write to other.zarr"):
        storage.check_store(tmp_path / "other.zarr", field)


@pytest.mark.parametrize("answer", [..., None, 3, "text", np.zeros(3), [1, 2], object(), xr.Dataset(), xr.DataArray(1.0)])
@pytest.mark.parametrize("check", [analysis.check_anomaly, storage.check_many_files, storage.check_chunks])
def test_whatever_stands_in_the_blank_is_answered_in_words(check, answer, field):
    index = xr.DataArray(np.arange(24.0), {"time": months(24)}, ["time"])
    with pytest.raises(NotYet) as raised:
        check(answer, index if check is analysis.check_anomaly else field)
    assert ("the blank is still there" in str(raised.value)) == (answer is ...)


def test_a_notebook_shows_the_message_alone_in_lines_that_fit_a_slide():
    shown = NotYet("word " * 30)._render_traceback_()
    assert " ".join(shown) == f"Not yet: {'word ' * 30}".strip()
    assert len(shown) == 3
    assert max(map(len, shown)) <= 66
