"""The catalogue against the files themselves: bytes read by hand, and what each entry claims of its data."""

import csv
import os
import re
import shutil
import subprocess
import sys
import warnings
from functools import cache
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import dask
import h5py
import numpy as np
import pytest
import xarray as xr

from examples import catalogue, checksums, samples

pytestmark = pytest.mark.filterwarnings("ignore:Setting the (dtype|shape) on a NumPy array:DeprecationWarning:iris")

ROOT = Path(catalogue.__file__).parents[1]
NAMES = list(catalogue.CATALOGUE)
MAP = ("time", "latitude", "longitude")
# Files, dimensions, shape, units, calendar, first and last month, edges of the grid.
FACTS = {
    "glosea4": (
        13,
        ("realization", *MAP),
        (13, 6, 145, 192),
        "K",
        "proleptic_gregorian",
        "2011-08",
        "2012-01",
        (-90, 90, 0, 358.125),
    ),
    "ostia": (1, MAP, (54, 18, 432), "K", "proleptic_gregorian", "2006-04", "2010-09", (-5, 4.444, 0, 359.167)),
    "soi-darwin": (1, ("time",), (1776,), "1", "proleptic_gregorian", "1866-01", "2013-12", None),
    "nino12": (1, ("time",), (732,), "degC", "proleptic_gregorian", "1950-01", "2010-12", None),
    "a1b": (1, MAP, (240, 37, 49), "K", "360_day", "1860-06", "2099-06", (15, 60, 225, 315)),
    "e1": (1, MAP, (240, 37, 49), "K", "360_day", "1860-06", "2099-06", (15, 60, 225, 315)),
    "sea-ice-velocity": (120, MAP, (120, 215, 360), "m s-1", "360_day", "1890-01", "1899-12", (-89.5, 89.5, 0.5, 359.5)),
}
NETCDF = {"ostia": "surface_temperature", "soi-darwin": "SOI_Darwin", "a1b": "air_temperature", "e1": "air_temperature"}


@cache
def _opened(name: str) -> tuple[xr.DataArray, list[str]]:
    """A data set, opened once for all tests, and the warnings of opening it and reading a value, but for deprecations elsewhere."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        field = catalogue.open(name)
        field[dict.fromkeys(field.dims, 0)].compute(scheduler="synchronous")
    # The collector tells of what other tests have left open whenever it runs.
    told = [w for w in caught if w.category is not ResourceWarning]
    ours = [w for w in told if w.category is not DeprecationWarning or "site-packages" not in w.filename]
    return field, [str(w.message) for w in ours]


def _field(name: str) -> xr.DataArray:
    return _opened(name)[0]


def test_every_set_has_its_facts_here():
    assert FACTS.keys() == catalogue.CATALOGUE.keys()


@pytest.mark.parametrize("name", NAMES)
def test_a_set_is_what_it_is_known_to_be(name):
    files, dims, shape, units, calendar, first, last, edges = FACTS[name]
    field = _field(name)
    months = field["time"].dt.strftime("%Y-%m").values
    assert len(catalogue.paths(name)) == files
    assert (field.dims, field.shape, field.attrs["units"]) == (dims, shape, units)
    assert (field["time"].dt.calendar, months[0], months[-1]) == (calendar, first, last)
    if edges:
        found = [field[axis].values[end] for axis in ("latitude", "longitude") for end in (0, -1)]
        np.testing.assert_allclose(found, edges, atol=1e-3)
        assert (field["latitude"].attrs["units"], field["longitude"].attrs["units"]) == ("degrees_north", "degrees_east")


@pytest.mark.parametrize("name", NAMES)
def test_the_entry_tells_the_truth_about_span_and_grid(name):
    entry, field = catalogue.CATALOGUE[name], _field(name)
    years = field["time"].dt.year.values
    assert int(entry.span.split()[0]) == field.sizes["time"]
    assert [int(year) for year in re.findall(r"\b\d{4}\b(?! months)", entry.span)] == [years[0], years[-1]]
    assert ("of 30 days" in entry.span or "of 360 days" in entry.span) == (field["time"].dt.calendar == "360_day")
    if "latitude" in field.dims:
        assert entry.grid.endswith(f"{field.sizes['latitude']} by {field.sizes['longitude']}")


def test_the_grids_have_the_steps_that_their_entries_name():
    glosea, ice = _field("glosea4"), _field("sea-ice-velocity")
    assert set(np.diff(glosea["latitude"])) == {1.25}
    assert set(np.diff(glosea["longitude"])) == {1.875}
    assert "1.25° by 1.875°" in catalogue.CATALOGUE["glosea4"].grid
    rows, columns = np.diff(ice["latitude"]), np.diff(ice["longitude"])
    np.testing.assert_allclose([rows.min(), rows.max(), columns.min(), columns.max()], [0.34, 1, 1, 1], atol=1e-3)
    assert "0.34° to 1° by 1°" in catalogue.CATALOGUE["sea-ice-velocity"].grid


@pytest.mark.parametrize("name", NAMES)
def test_times_follow_one_another_without_a_gap(name):
    times = _field(name)["time"]
    months = (12 * times.dt.year + times.dt.month).values
    assert {int(later - sooner) for sooner, later in pairwise(months)} == {12 if name in {"a1b", "e1"} else 1}


@pytest.mark.parametrize("name", NAMES)
def test_opening_and_reading_raise_no_warning(name):
    assert _opened(name)[1] == []


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"nino12"}))
def test_values_are_lazy_and_coordinates_are_not(name):
    field = _field(name)
    assert dask.is_dask_collection(field)
    assert not any(dask.is_dask_collection(coordinate) for coordinate in field.coords.values())


def test_the_many_files_come_a_field_at_a_time():
    assert _field("glosea4").data.chunksize == (1, 1, 145, 192)
    assert _field("sea-ice-velocity").data.chunksize == (1, 215, 360)


def test_the_members_are_those_in_the_file_names():
    numbers = _field("glosea4")["realization"]
    assert numbers.values.tolist() == [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13]
    assert numbers.attrs["standard_name"] == "realization"


def _pp_fields(path: Path, rows: int, columns: int) -> list[np.ndarray]:
    """Fields of an unpacked PP file, from its layout: a record of 64 words, then one of data; each between two lengths."""
    words, fields, place = np.fromfile(path, ">i4"), [], 0
    while place < words.size:
        data = place + 66
        length = words[data] // 4
        fields.append(words[data + 1 : data + 1 + rows * columns].view(">f4").reshape(rows, columns))
        place = data + length + 2
    return fields


def test_each_member_holds_the_bytes_of_its_own_file():
    field = _field("glosea4")
    files = {int(path.stem[-3:]): path for path in catalogue.paths("glosea4")}
    for member in (0, 7, 13):
        expected = _pp_fields(files[member], 145, 192)
        np.testing.assert_array_equal(field.sel(realization=member).values, expected)


def test_each_month_of_sea_ice_holds_the_bytes_of_its_own_file():
    field = _field("sea-ice-velocity")
    for number, path in list(enumerate(catalogue.paths("sea-ice-velocity")))[::40]:
        (expected,) = _pp_fields(path, 215, 360)
        np.testing.assert_array_equal(field[number].values, expected)
        assert f".{field['time'].dt.strftime('%Y.%m').values[number]}." in path.name


@pytest.mark.parametrize("name", NETCDF)
def test_netcdf_values_are_the_file_s_and_its_fill_value_is_missing(name):
    (path,) = catalogue.paths(name)
    with h5py.File(path) as file:
        stored = file[NETCDF[name]]
        values, fill = stored[:], stored.attrs.get("_FillValue", [np.nan])[0]
    np.testing.assert_array_equal(_field(name).values, np.where(values == fill, np.nan, values))
    assert (name in {"ostia", "soi-darwin"}) == bool((values == fill).any())


def test_nino12_runs_along_the_months_and_then_the_years():
    (path,) = catalogue.paths("nino12")
    with path.open() as file:
        rows = list(csv.DictReader(file))
    field = _field("nino12")
    assert float(field.sel(time="1950-02-01")) == float(rows[0]["FEB"]) == 24.2
    assert float(field.sel(time="2010-11-01")) == float(rows[-1]["NOV"]) == 20.44
    assert field.attrs["standard_name"] == "sea_surface_temperature"


def test_files_are_there_and_in_order():
    for name in NAMES:
        files = catalogue.paths(name)
        assert files == sorted(files)
        assert all(path.is_file() for path in files)


def test_the_table_has_a_full_row_for_each_set():
    table = catalogue.table()
    entries = {**catalogue.CATALOGUE, **samples.SAMPLES}
    assert table.index.tolist() == list(entries)
    assert table.columns.tolist() == ["title", "origin", "grid", "time span", "licence", "credit", "package"]
    assert all(isinstance(cell, str) and cell.strip() for cell in table.to_numpy().ravel())
    for name, entry in entries.items():
        expected = [entry.title, entry.origin, entry.grid, entry.span, entry.licence, entry.credit, entry.package]
        assert table.loc[name].tolist() == expected


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spec", [None, SimpleNamespace(submodule_search_locations=None)])
def test_a_package_that_is_not_installed_is_named_with_the_mend(name, spec, monkeypatch):
    monkeypatch.setattr(samples, "find_spec", lambda module: spec)
    package = catalogue.CATALOGUE[name].package
    with pytest.raises(catalogue.MissingData) as error:
        catalogue.open(name)
    assert repr(name) in str(error.value)
    assert f"package {package}," in str(error.value)
    assert str(error.value).endswith(f"run: pip install {package}")


def _install(folder: Path, monkeypatch: pytest.MonkeyPatch, file: str = "", content: bytes = b"") -> Path:
    path = folder / file
    if file:
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    monkeypatch.setattr(samples, "find_spec", lambda module: SimpleNamespace(submodule_search_locations=[str(folder)]))
    return path


def test_a_package_without_the_files_is_named(tmp_path, monkeypatch):
    _install(tmp_path, monkeypatch)
    with pytest.raises(catalogue.MissingData, match=r"'ostia'.*ostia_monthly\.nc.*--force-reinstall iris-sample-data") as error:
        catalogue.open("ostia")
    assert str(tmp_path) in str(error.value)


@pytest.mark.parametrize("content", [b"", b"version https://git-lfs.github.com/spec/v1", b"<!DOCTYPE html>"])
@pytest.mark.parametrize(
    ("name", "file"), [("a1b", "sample_data/A1B_north_america.nc"), ("glosea4", "sample_data/GloSea4/ensemble_003.pp")]
)
def test_a_wrong_file_is_named(name, file, content, tmp_path, monkeypatch):
    path = _install(tmp_path, monkeypatch, file, content)
    with pytest.raises(catalogue.MissingData, match="the file is damaged or missing") as error:
        catalogue.open(name)
    assert str(error.value).startswith(f"{path}:")
    assert str(error.value).endswith(f"pip install --force-reinstall iris-sample-data=={version('iris-sample-data')}")


def _copy(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    entry = catalogue.CATALOGUE[name]
    files = [folder / key.removeprefix(f"{entry.home}/") for key in entry.files(name)]
    for path, copied in zip(catalogue.sample_paths(name), files, strict=True):
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copied)
    monkeypatch.setattr(samples, "find_spec", lambda module: SimpleNamespace(submodule_search_locations=[str(folder)]))
    return files


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


@pytest.mark.parametrize("name", NAMES)
def test_a_bit_that_has_flipped_is_found_and_so_is_a_file_that_ends_early(name, tmp_path, monkeypatch):
    path = _copy(name, tmp_path / "flipped", monkeypatch)[-1]
    _flip(path)
    with pytest.raises(catalogue.MissingData, match=rf"{path}: the file is damaged"):
        catalogue.open(name)
    monkeypatch.undo()
    path = _copy(name, tmp_path / "short", monkeypatch)[-1]
    os.truncate(path, path.stat().st_size - 1)
    with pytest.raises(catalogue.MissingData, match=rf"{path}: the file is damaged"):
        catalogue.open(name)


def test_a_member_that_is_missing_is_named(tmp_path, monkeypatch):
    _copy("glosea4", tmp_path, monkeypatch)[4].unlink()
    with pytest.raises(catalogue.MissingData, match=r"GloSea4/ensemble_004\.pp: the file is damaged or missing"):
        catalogue.open("glosea4")


def test_new_data_of_a_new_version_are_said_to_be_so(tmp_path, monkeypatch):
    _flip(_copy("nino12", tmp_path, monkeypatch)[0])
    monkeypatch.setattr(checksums, "version", lambda package: "99.0")
    with pytest.raises(catalogue.MissingData, match=r"not known of statsmodels 99\.0; run: pip install statsmodels==[\d.]+ "):
        catalogue.open("nino12")


def test_the_known_bytes_are_of_the_locked_packages_and_are_those_that_sha256sum_finds():
    lock = (ROOT / "requirements.lock").read_text()
    lines = checksums.TABLE.read_text().splitlines()
    for package, number in (line.split()[1:] for line in lines if line.startswith("#")):
        assert f"\n{package}=={number} " in lock
    site = catalogue.sample_paths("ostia")[0].parents[2]
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", checksums.TABLE], cwd=site, capture_output=True, text=True, check=True
    )
    others = sum(len(sample.files(name)) for name, sample in samples.SAMPLES.items() if sample.by_pip)
    assert checked.stdout.count(": OK\n") == sum(facts[0] for facts in FACTS.values()) + others


def test_the_table_is_renewed_by_one_command(tmp_path, monkeypatch):
    before = checksums.TABLE.read_text()
    monkeypatch.setattr(checksums, "TABLE", tmp_path / "samples.sha256")
    checksums.renew()
    assert checksums.TABLE.read_text() == before


@pytest.mark.parametrize("function", [catalogue.open, catalogue.paths])
def test_an_unknown_name_lists_those_that_there_are(function):
    with pytest.raises(KeyError, match="no data set 'glosea5'") as error:
        function("glosea5")
    assert all(name in str(error.value) for name in NAMES)


AUDIT = """
import sys
from examples import catalogue, checksums
seen = set()
sys.addaudithook(lambda event, args: event == "open" and seen.add(str(args[0])))
for name in catalogue.CATALOGUE:
    wanted = {str(path) for path in catalogue.paths(name)}
    print(name, len(wanted), wanted <= seen)
"""


def test_python_itself_opens_every_file():
    run = subprocess.run([sys.executable, "-c", AUDIT], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.stderr == ""
    assert run.stdout.splitlines() == [f"{name} {facts[0]} True" for name, facts in FACTS.items()]
