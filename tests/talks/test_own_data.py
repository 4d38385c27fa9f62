"""The science segments run on other people's data, in the shapes that these come in, and name them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr

from examples import catalogue
from roadshow.cells import read_cells

ROOT = Path(__file__).parents[2]
AFTER = """
import matplotlib.pyplot as plt
texts = [text.get_text() for number in plt.get_fignums() for text in plt.figure(number).findobj(matplotlib.text.Text)]
print("FIGURES", len(plt.get_fignums()), sum("Their own" in text for text in texts), "iris-sample-data" in " ".join(texts))
"""


def theirs(name):
    """The sample in another shape: other names, °C, from north to south, from -180° on, no attribute but units."""
    array = catalogue.sample(name).load().reset_coords(drop=True).drop_attrs()
    units = catalogue.CATALOGUE[name].needs.units
    if units in {"K", "degC"}:
        array, units = (array - 273.15, "celsius") if units == "K" else (array + 273.15, "kelvin")
    if "longitude" in array.dims:
        array = array.isel(latitude=slice(None, None, -1))
        array = array.assign_coords(longitude=(array.longitude + 180) % 360 - 180).sortby("longitude")
        array = array.rename(latitude="lat", longitude="lon")
        array["lat"].attrs, array["lon"].attrs = {"units": "degrees_north"}, {"units": "degrees_east"}
    if name in {"a1b", "e1"}:
        array = array.isel(time=slice(60, 200))
    if "realization" in array.dims:
        array = array.isel(realization=slice(5)).rename(realization="number").transpose("time", ...)
    return array.rename("v").assign_attrs(units=units)


SEGMENTS = {
    "el-nino-in-your-data": ["ostia", "soi-darwin", "nino12"],
    "two-futures": ["a1b", "e1"],
    "a-seasonal-ensemble": ["glosea4"],
    "was-the-forecast-good": ["glosea4", "nino12"],
    "the-problem-in-your-archive": ["sea-ice-velocity"],
}


def cells(segment):
    text = (ROOT / "talks" / "segments" / f"{segment}.md").read_text(encoding="utf-8")
    return [cell.code for cell in read_cells(text)]


def run(segment, told, folder):
    script = folder / "segment.py"
    head = "import matplotlib\nmatplotlib.use('agg')\n"
    script.write_text(head + "\n".join(cells(segment)) + AFTER, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CATALOGUE_OVERLAY": json.dumps(told)}
    return subprocess.run(
        [sys.executable, "-W", "ignore", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("segment", SEGMENTS)
def test_a_science_segment_runs_on_data_of_their_own_and_says_whose_they_are(segment, tmp_path):
    told = {}
    for name in SEGMENTS[segment]:
        theirs(name).to_dataset().to_netcdf(tmp_path / f"{name}.nc")
        told[name] = {"path": str(tmp_path / f"{name}.nc"), "source": "Their own", "synthetic": True}
    done = run(segment, told, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    _, figures, named, ours = done.stdout.splitlines()[-1].split()
    assert int(figures) >= 2
    assert int(named) >= int(figures)
    assert ours == "False"


def test_one_scenario_of_their_own_on_another_grid_is_refused_in_words(tmp_path):
    array = theirs("a1b").isel(lat=slice(0, None, 2))
    array.to_dataset().to_netcdf(tmp_path / "a1b.nc")
    done = run("two-futures", {"a1b": {"path": str(tmp_path / "a1b.nc"), "source": "Their own"}}, tmp_path)
    assert done.returncode == 1
    assert (
        done.stderr.splitlines()[-1]
        == "ValueError: the scenarios lie on different grids; give all of them in the visit file, on one grid"
    )


def test_a_set_that_cannot_serve_ends_the_segment_with_the_reason(tmp_path):
    theirs("ostia").isel(time=slice(6)).to_dataset().to_netcdf(tmp_path / "short.nc")
    done = run("el-nino-in-your-data", {"ostia": {"path": str(tmp_path / "short.nc"), "source": "Their own"}}, tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("short.nc: cannot stand in: it has 6 times; 24 are needed")


def test_the_technical_segments_do_not_depend_on_the_visit():
    for path in (ROOT / "talks" / "segments").glob("*.md"):
        if path.stem not in SEGMENTS:
            assert "catalogue.open" not in path.read_text(encoding="utf-8"), path
    assert isinstance(catalogue.sample("ostia"), xr.DataArray)
