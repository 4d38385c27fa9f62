"""The lab's package: the seeded function is wrong at the border of a chunk and nowhere else, the fixed one nowhere."""

import os
import shutil
import subprocess
import sys
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from examples import laziness
from examples.lab import spells, spells_fixed

BOTH = pytest.mark.parametrize("spell_days", [spells.spell_days, spells_fixed.spell_days], ids=["seeded", "fixed"])


def by_hand(hot, days):
    """Each series cut into its runs, of which the long ones stay."""
    found = np.zeros_like(hot)
    for place in np.ndindex(hot.shape[1:]):
        runs = [list(run) for _, run in groupby(hot[(slice(None), *place)])]
        found[(slice(None), *place)] = [run[0] and len(run) >= days for run in runs for _ in run]
    return found


def summer(length=60, gaps=0.0) -> xr.DataArray:
    rng = np.random.default_rng(length)
    values = rng.normal(25.5, 2, (length, 2, 3))
    values[rng.random(values.shape) < gaps] = np.nan
    return xr.DataArray(values, dims=("time", "y", "x"), name="tasmax", attrs={"units": "degC"})


def series(*values) -> xr.DataArray:
    return xr.DataArray(list(values), dims="time")


@pytest.mark.parametrize("days", [1, 2, 3, 7])
@pytest.mark.parametrize("gaps", [0, 0.1])
@BOTH
def test_both_are_right_in_memory_and_on_one_chunk(spell_days, gaps, days):
    field = summer(gaps=gaps)
    wanted = by_hand(field.values >= 25, days)
    assert (spell_days(field, 25, days).values == wanted).all()
    assert (spell_days(field.chunk(time=-1, x=2), 25, days).values == wanted).all()


def test_the_seeded_one_loses_the_days_of_a_spell_on_the_border():
    field = series(20, 26, 27, 28, 26, 20)
    assert spells.spell_days(field.chunk(time=6), 25).values.tolist() == [False, True, True, True, True, False]
    assert spells.spell_days(field.chunk(time=3), 25).values.tolist() == [False] * 6
    assert spells.spell_days(field.chunk(time=(2, 4)), 25).values.tolist() == [False, False, True, True, True, False]


@pytest.mark.parametrize("chunk", [1, 2, 7, 10])
def test_the_seeded_one_finds_too_few_days_and_never_too_many(chunk):
    field = summer()
    wanted, found = by_hand(field.values >= 25, 3), spells.spell_days(field.chunk(time=chunk), 25).values
    assert found.sum() < wanted.sum()
    assert not (found & ~wanted).any()


@pytest.mark.parametrize("chunk", [1, 2, 7, 10, 59, (30, 29, 1), 60])
@pytest.mark.parametrize("days", [1, 2, 3, 5, 12])
@pytest.mark.parametrize("gaps", [0, 0.1])
def test_the_fixed_one_is_right_whatever_the_chunks(gaps, days, chunk):
    field = summer(gaps=gaps)
    assert (spells_fixed.spell_days(field.chunk(time=chunk, x=2), 25, days).values == by_hand(field.values >= 25, days)).all()


@pytest.mark.parametrize("length", [1, 2, 3, 4])
@BOTH
def test_a_record_shorter_than_a_spell_has_none(spell_days, length):
    field = series(*[26.0] * length)
    for days in (length + 1, 30):
        assert not spell_days(field.chunk(time=1), 25, days).values.any()
        assert not spell_days(field, 25, days).values.any()


def test_a_spell_may_be_the_whole_record():
    assert spells_fixed.spell_days(series(*[26.0] * 4).chunk(time=1), 25, 4).values.all()


@BOTH
def test_a_missing_day_ends_a_spell(spell_days):
    assert spell_days(series(26, 26, np.nan, 26, 26, 26), 25).values.tolist() == [False] * 3 + [True] * 3


@BOTH
def test_a_day_at_the_threshold_is_hot(spell_days):
    assert spell_days(series(25, 25, 25), 25).values.all()


@BOTH
def test_it_waits_and_keeps_coordinates_but_no_unit(spell_days):
    field = summer().assign_coords(time=np.arange(60)).chunk(time=10)
    assert laziness.of(lambda: spell_days(field, 25)) == (0, True)
    found = spell_days(field.transpose("x", "y", "time"), 25)
    assert (found.dims, found.dtype, found.attrs, found.name) == (("time", "x", "y"), bool, {}, "tasmax")
    assert found["time"].identical(field["time"])


@BOTH
def test_a_spell_has_at_least_one_day(spell_days):
    with pytest.raises(ValueError, match="at least one day, not 0"):
        spell_days(summer(), 25, 0)


def test_the_ideas_that_the_lab_warns_of():
    hot = (series(20, 26, 27, 28, 26, 20).chunk(time=3) >= 25).data
    half = hot.map_overlap(spells.in_spell, {0: 1}, boundary="none", days=3, dtype=bool)
    assert half.compute().tolist() == [False, True, True, True, True, False]  # right by luck
    hot = (series(20, 20, 26, 27, 28, 26).chunk(time=3) >= 25).data
    half = hot.map_overlap(spells.in_spell, {0: 1}, boundary="none", days=3, dtype=bool)
    assert half.compute().tolist() == [False, False, False, True, True, True]  # the first day is lost
    with pytest.raises(ValueError, match="larger than your array"):
        hot.map_overlap(spells.in_spell, {0: 9}, boundary="none", days=10, dtype=bool)


ROOT = Path(__file__).parents[2]
BORDER = """

def test_a_spell_crosses_the_border():
    wanted = [False, True, True, True, True, False]
    assert spell_days(series(20, 26, 27, 28, 26, 20).chunk(time=3), 25).values.tolist() == wanted
"""


def test_a_pair_gets_a_folder_of_its_own_in_which_the_bug_can_be_fixed(tmp_path):
    folder = tmp_path / "spells"
    make = ["make", "--silent", "--assume-old=.venv/ready", "lab", f"LAB={folder}", f"BIN={Path(sys.executable).parent}"]
    said = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    command = said.splitlines()[-1]

    def outcome():
        environment = {**os.environ, "PYTEST_ADDOPTS": ""}
        done = subprocess.run(["bash", "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        return done.stdout.splitlines()[-1].split(" in ")[0]

    assert outcome() == "5 passed"
    with (folder / "test_spells.py").open("a", encoding="utf-8") as file:
        file.write(BORDER)
    assert outcome() == "1 failed, 5 passed"
    spelled = (ROOT / "examples/lab/spells_fixed.py").read_text(encoding="utf-8")
    shutil.copy(folder / "spells.py", folder / "of_old.py")
    (folder / "spells.py").write_text(spelled.replace("examples.lab.spells", "of_old"), encoding="utf-8")
    assert outcome() == "6 passed"
    again = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=False)
    assert again.returncode != 0
    assert "is there already" in again.stdout
