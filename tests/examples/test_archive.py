"""Months, a store and an index give back what Iris reads from the PP files; what cannot be joined is refused."""

import json
import warnings

import cftime
import h5py
import iris
import numpy as np
import pytest
import xarray as xr

from examples import archive, catalogue

pytestmark = pytest.mark.filterwarnings("ignore:Setting the (dtype|shape) on a NumPy array:DeprecationWarning:iris")

CHUNKS = {"time": 5, "latitude": 50, "longitude": 70}


@pytest.fixture(scope="module")
def cube():
    """Fourteen months of sea ice as Iris reads them from PP: over a new year, and no multiple of any chunk here."""
    files = [str(path) for path in catalogue.sample_paths("sea-ice-velocity")[:14]]
    with warnings.catch_warnings(), iris.FUTURE.context(save_split_attrs=True):
        warnings.simplefilter("ignore", DeprecationWarning)
        loaded = iris.load_cube(files)
        loaded.data  # noqa: B018  it is lazy until somebody asks
    return loaded


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archive")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        field = catalogue.sample("sea-ice-velocity")[:14].load()
    files = archive.write_months(field, folder)
    store = archive.write_store(field, folder / "one.zarr", CHUNKS)
    return files, store, archive.write_index(files, folder / "index.json")


OPENED = {
    "files": lambda files, store, index: xr.open_mfdataset(files),
    "store": lambda files, store, index: xr.open_zarr(store, consolidated=False),
    "index": lambda files, store, index: xr.open_dataset(str(index), engine="kerchunk", chunks={}),
}


@pytest.fixture(params=OPENED)
def one(request, written):
    with OPENED[request.param](*written) as data:
        yield data["northward_sea_ice_velocity"]


def test_values_are_those_that_iris_reads(one, cube):
    expected = np.ma.filled(cube.data, np.nan)
    assert one.dtype == expected.dtype == np.float32
    np.testing.assert_array_equal(one.values, expected)


def test_values_on_both_sides_of_each_border_of_chunks(one, cube):
    for time in (0, 4, 5, 9, 10, 13):
        for row in (0, 49, 50, 199, 200, 214):
            for column in (0, 69, 70, 349, 350, 359):
                assert float(one[time, row, column]) == cube.data[time, row, column]


def test_coordinates_are_those_that_iris_reads(one, cube):
    with iris.FUTURE.context(date_microseconds=True):
        points = cube.coord("time").units.num2date(cube.coord("time").points)
        start = cube.coord("forecast_reference_time").units.num2date(cube.coord("forecast_reference_time").points[0])
    assert [str(time) for time in one["time"].values] == [str(time) for time in points]
    assert (one["time"].dt.calendar, str(one["time"].values[-1])) == ("360_day", "1891-02-16 00:00:00")
    for name in ("latitude", "longitude", "forecast_period"):
        np.testing.assert_array_equal(one[name].values, cube.coord(name).points)
        assert one[name].attrs["standard_name"] == name
    assert str(one["forecast_reference_time"].values) == str(start)


def test_attributes_stay(one, cube):
    assert one.attrs["units"] == str(cube.units) == "m s-1"
    assert one.attrs["standard_name"] == cube.standard_name
    assert one.attrs["cell_methods"] == "time: mean (interval: 1 hour)"


def test_a_month_is_one_chunk_of_one_file_named_by_it(written):
    files, _, _ = written
    assert [file.name for file in files] == [f"1890-{m:02d}.nc" for m in range(1, 13)] + ["1891-01.nc", "1891-02.nc"]
    days = []
    for file in files:
        with h5py.File(file) as data:
            stored = data["northward_sea_ice_velocity"]
            assert (stored.shape, stored.chunks, stored.compression) == ((1, 215, 360), (1, 215, 360), "gzip")
            assert data["time"].attrs["units"].decode() == "days since 1890-01-01"
            days += data["time"][:].tolist()
    assert days == [15 + 30 * month for month in range(14)]


def test_the_store_has_the_chunks_asked_for(written):
    _, store, _ = written
    told = json.loads((store / "northward_sea_ice_velocity" / "zarr.json").read_text())
    assert told["chunk_grid"]["configuration"]["chunk_shape"] == [5, 50, 70]
    chunks = [path for path in (store / "northward_sea_ice_velocity" / "c").rglob("*") if path.is_file()]
    assert len(chunks) == 3 * 5 * 6


def test_the_index_points_into_the_files_and_holds_no_values(written):
    files, _, index = written
    references = json.loads(index.read_text())["refs"]
    pointed = {key: value for key, value in references.items() if isinstance(value, list)}
    assert sorted(value[0] for value in pointed.values()) == sorted(str(file) for file in files)
    assert all(key.startswith("northward_sea_ice_velocity/") for key in pointed)
    assert index.stat().st_size < 0.1 * sum(file.stat().st_size for file in files)
    name, start, length = references["northward_sea_ice_velocity/7.0.0"]
    with h5py.File(name) as data:
        chunk = data["northward_sea_ice_velocity"].id.get_chunk_info(0)
        assert (chunk.byte_offset, chunk.size) == (start, length)


def _small(times=4, start="2001-01-15", calendar="noleap", **coordinates) -> xr.DataArray:
    """A small field with a missing value, latitudes from the north and longitudes from 0 to 360."""
    time = xr.date_range(start, periods=times, freq="30D", calendar=calendar, use_cftime=True)
    values = np.arange(times * 12, dtype="f4").reshape(times, 3, 4)
    values[0, 1, 2] = np.nan
    coords = {"time": time, "latitude": [60.0, 0.0, -60.0], "longitude": [0.0, 90.0, 180.0, 270.0], **coordinates}
    return xr.DataArray(values, coords, ("time", "latitude", "longitude"), "t", {"units": "K"})


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("calendar", ["noleap", "360_day", "julian", "standard"])
def test_another_field_comes_back_whole_missing_values_too(compressed, calendar, tmp_path):
    field = _small(calendar=calendar)
    files = archive.write_months(field, tmp_path, compressed)
    index = archive.write_index(files, tmp_path / "index.json")
    decode = xr.coders.CFDatetimeCoder(use_cftime=True)
    with xr.open_dataset(str(index), engine="kerchunk", decode_times=decode) as data:
        xr.testing.assert_identical(data["t"].load().drop_encoding(), field)
        assert isinstance(data["time"].values[0], cftime.datetime)
    with h5py.File(files[0]) as data:
        assert data["t"].compression == ("gzip" if compressed else None)


def test_one_month_is_an_archive_too(tmp_path):
    field = _small(times=1)
    index = archive.write_index(archive.write_months(field, tmp_path), tmp_path / "index.json")
    with xr.open_dataset(str(index), engine="kerchunk") as data:
        np.testing.assert_array_equal(data["t"].values, field.values)


def test_a_store_is_replaced_and_what_is_not_named_is_not_cut(tmp_path):
    archive.write_store(_small(), tmp_path / "one.zarr", {})
    store = archive.write_store(_small(times=2), tmp_path / "one.zarr", {"latitude": 2})
    with xr.open_zarr(store, consolidated=False) as data:
        assert data["t"].encoding["chunks"] == (2, 2, 4)
        np.testing.assert_array_equal(data["t"].values, _small(times=2).values)


def test_two_times_in_one_month_are_refused(tmp_path):
    with pytest.raises(ValueError, match="two times of the field are in the same month; give one time a month"):
        archive.write_months(_small(start="2001-01-01"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_files_on_two_grids_are_refused(tmp_path):
    first = archive.write_months(_small(times=1), tmp_path)
    second = archive.write_months(_small(times=1, start="2001-02-15", latitude=[59.0, 0.0, -60.0]), tmp_path)
    with pytest.raises(ValueError, match="latitude"):
        archive.write_index(first + second, tmp_path / "index.json")


def test_files_that_are_no_multiple_of_their_chunks_are_refused(tmp_path):
    files = []
    for number, times in enumerate((slice(0, 3), slice(3, 6))):
        files.append(tmp_path / f"{number}.nc")
        encoding = {"t": {"chunksizes": (2, 3, 4)}, "time": {"units": "days since 2001-01-01"}}
        _small(times=6).isel(time=times).to_netcdf(files[-1], encoding=encoding)
    with pytest.raises(ValueError, match=r"(?i)chunk"):
        archive.write_index(files, tmp_path / "index.json")


def test_files_that_are_not_compressed_alike_are_refused(tmp_path):
    files = archive.write_months(_small(times=1), tmp_path)
    files += archive.write_months(_small(times=1, start="2001-02-15"), tmp_path, compressed=False)
    with pytest.raises(NotImplementedError, match="different codecs"):
        archive.write_index(files, tmp_path / "index.json")


def test_files_and_bytes_are_counted_those_in_folders_too(tmp_path):
    (tmp_path / "deep/er").mkdir(parents=True)
    for name, size in (("one", 3), ("deep/two", 5), ("deep/er/three", 7)):
        (tmp_path / name).write_bytes(b"x" * size)
    assert archive.on_disk([tmp_path / "one", tmp_path / "deep"]) == (3, 15)
    assert archive.on_disk([tmp_path / "one"]) == (1, 3)
    assert archive.on_disk([]) == (0, 0)
