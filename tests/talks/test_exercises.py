"""Each exercise as it is given fails at its check; with its solution it passes; with a plausible slip the check names the slip."""

import os
import re
import shutil
from functools import cache
from pathlib import Path

import nbformat
import pytest

from examples.exercises import NotYet
from roadshow.cells import read_cells
from roadshow.deck import read_decks
from roadshow.notebooks import notebook

ROOT = Path(__file__).parents[2]
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("talks/segments/*.md"))}
EXERCISES = {name: text for name, text in TEXTS.items() if any(cell.solves for cell in read_cells(text))}
SLIPS = {
    "exercise-anomalies": {
        'months = index.groupby("time.month")\nanomaly = months.mean() - months': "the sign is turned round",
        "anomaly = index - index.mean()": "the season is still in it",
        'anomaly = index.groupby("time.month").mean()': "these are the means of the months",
        "anomaly = index": "nothing was subtracted",
        'anomaly = (index.groupby("time.month") - index.groupby("time.month").mean()).values': "this is a ndarray",
        "anomaly = index.groupby('time.year') - index.groupby('time.year').mean()": "NumPy comes to something else",
    },
    "exercise-area-mean": {
        'world = field.mean(["latitude", "longitude"])': "weight by the cosine",
        'world = field.weighted(np.cos(field.latitude)).mean(["latitude", "longitude"])': "degrees for radians",
        'world = field.weighted(np.cos(np.deg2rad(field.latitude))).mean(["latitude", "longitude"]) - 273.15': "this is in °C",
        'world = field.weighted(np.sin(np.deg2rad(field.latitude)) ** 2).mean(["latitude", "longitude"])': "something else",
        "world = field.weighted(np.cos(np.deg2rad(field.latitude))).mean()": "its dimensions are none; wanted: time",
        'world = field.weighted(np.cos(np.deg2rad(field.latitude))).mean("latitude")': "its dimensions are",
        "world = 288.0": "this is a float",
    },
    "exercise-probability": {
        'freezing = (last < 0).mean("realization")': "the field is in kelvin",
        'freezing = (last > 273.15).mean("realization")': "above freezing",
        'freezing = 100 * (last < 273.15).mean("realization")': "in per cent",
        'freezing = (last.mean("realization") < 273.15)': "this asks the mean of the members",
        'freezing = (last < 273.15).sum("realization")': "NumPy comes to something else",
        "freezing = last < 273.15": "its dimensions are",
    },
    "exercise-many-files": {
        "ice = xr.open_mfdataset(files)": "take the variable velocity out of it",
        "ice = xr.open_dataset(files[0], chunks={}).velocity": "it holds 1 months, and the files hold 36",
        "ice = xr.open_mfdataset(files).velocity.load()": "everything was read into memory",
        'ice = xr.open_mfdataset(files, combine="nested", concat_dim="time").velocity': "in the order of the files' names",
        "ice = xr.open_mfdataset(files).velocity / 100": "the values are not those of the files",
    },
    "exercise-wrong-chunk": {
        "chunks = (1, 18, 432)": "the series of one point reads 54 chunks",
        "chunks = (54, 1, 1)": "the map of one month reads 7776 chunks",
        "chunks = (54, 18, 432)": "one chunk holds everything",
        "chunks = (9, 9)": "write three whole numbers",
        "chunks = (9, 9, 0)": "write three whole numbers",
        "chunks = {'time': 9, 'latitude': 9, 'longitude': 108}": "write three whole numbers",
        "chunks = (9, 432, 18)": "longer than the field along latitude",
    },
    "exercise-write-zarr": {
        "for part in (first, later):\n    part.to_zarr(store, mode='w', consolidated=False)": "only the last 6 months are left",
        "first.to_zarr(store, consolidated=False)": "48 months of 54",
        "first.to_zarr(store, consolidated=False)\n"
        + 2 * 'later.to_zarr(store, append_dim="time", consolidated=False)\n': "60 months of 54",
        'later.to_zarr(store, consolidated=False)\nfirst.to_zarr(store, append_dim="time", consolidated=False)': "order of time",
        "(whole - 273.15).to_zarr(store, consolidated=False)": "have changed on the way",
        "whole.drop_attrs(deep=True).to_zarr(store, consolidated=False)": "have changed on the way",
        'whole.rename(sst="tos").to_zarr(store, consolidated=False)': "the variable is to be called sst",
        "whole.isel(time=slice(0)).to_zarr(store, consolidated=False)": "0 months of 54",
    },
}


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch):
    monkeypatch.chdir(ROOT)


@cache
def parts(name):
    """The names that the cells up to the check leave behind, the check, and the solution."""
    cells = read_cells(EXERCISES[name])
    place = next(place for place, cell in enumerate(cells) if cell.may_raise)
    names = {}
    for cell in cells[:place]:
        exec(cell.code, names)
    return names, cells[place].code, next(cell.code for cell in cells if cell.solves)


def checked(name, answer):
    """Run an answer and then the check, as in a notebook in which the cells before have run."""
    before, check, _ = parts(name)
    names = dict(before)
    if "store" in names:
        shutil.rmtree(names["store"], ignore_errors=True)
    exec(answer, names)
    exec(check, names)


def test_there_are_exercises_and_each_has_its_slips():
    assert set(SLIPS) == set(EXERCISES) == {name for name in TEXTS if name.startswith("exercise-")}
    told = {choice.segment for choice in read_decks(ROOT / "talks")["hands-on"].choices}
    assert set(EXERCISES) <= told


@pytest.mark.parametrize("name", EXERCISES)
def test_as_it_is_given_it_fails_at_its_check_and_says_what_to_do(name):
    blank = "the blank is still there: put your line in its place"
    with pytest.raises(NotYet, match=f"^({blank}|there is no store yet: write to sst.zarr)$"):
        checked(name, "")


@pytest.mark.parametrize("name", EXERCISES)
def test_with_its_solution_it_passes_the_same_check(name, capsys):
    _, check, solution = parts(name)
    checked(name, solution)
    assert capsys.readouterr().out.splitlines()[-1].startswith("Right: ")
    checks = [cell for cell in read_cells(EXERCISES[name]) if cell.code == check]
    assert [cell.may_raise for cell in checks] == [True, False]


@pytest.mark.parametrize(("name", "slip", "words"), [(name, *slip) for name, slips in SLIPS.items() for slip in slips.items()])
def test_a_plausible_slip_fails_and_is_named(name, slip, words):
    with pytest.raises(NotYet, match=re.escape(words)):
        checked(name, slip)


@pytest.mark.parametrize("name", EXERCISES)
def test_its_notebook_holds_the_task_and_not_the_solution(name):
    _, check, solution = parts(name)
    made = notebook(EXERCISES[name])
    nbformat.validate(made)
    _, *codes = [cell.source for cell in made.cells if cell.cell_type == "code"]
    assert codes[-1] == check.rstrip("\n")
    assert codes == [cell.code.rstrip("\n") for cell in read_cells(EXERCISES[name])[: len(codes)]]
    text = "\n".join(cell.source for cell in made.cells)
    assert all(line not in text for line in solution.splitlines())
    assert ":::" not in text
    assert "One solution" not in text
    assert made.cells[1].source.startswith("# Exercise: ")


@pytest.mark.parametrize("name", EXERCISES)
def test_the_task_is_worked_at_and_the_solution_is_a_slide_of_its_own(name):
    cells = read_cells(EXERCISES[name])
    check = next(cell for cell in cells if cell.may_raise)
    solution = next(cell for cell in cells if cell.solves)
    assert check.slide != solution.slide
    task, _, rest = EXERCISES[name].partition(f"## {solution.slide}")
    assert ":work:" in task
    assert ":work:" not in rest


def test_no_exercise_needs_a_file_of_the_visit():
    assert "CATALOGUE_OVERLAY" not in os.environ
    assert [name for name, text in EXERCISES.items() if "catalogue.open" in text] == []
