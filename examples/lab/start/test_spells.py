"""What the package promises, on arrays in memory and on fields of one chunk. All of it passes."""

import numpy as np
import pytest
import xarray as xr
from spells import spell_days


def series(*values):
    return xr.DataArray(list(values), dims="time")


def test_a_spell_has_three_days():
    assert spell_days(series(20, 26, 27, 20, 26, 27, 28, 20), 25).values.tolist() == [False] * 4 + [True] * 3 + [False]


def test_a_day_at_the_threshold_is_hot():
    assert spell_days(series(25, 25, 25), 25).values.all()


def test_a_missing_day_ends_a_spell():
    assert spell_days(series(26, 26, np.nan, 26, 26, 26), 25).values.tolist() == [False] * 3 + [True] * 3


def test_a_field_in_one_chunk_is_as_one_in_memory():
    field = xr.DataArray(np.random.default_rng(2018).normal(25.5, 2, (60, 4)), dims=("time", "place"))
    assert (spell_days(field.chunk(time=60, place=2), 25).values == spell_days(field, 25).values).all()


def test_a_spell_has_at_least_one_day():
    with pytest.raises(ValueError, match="at least one day, not 0"):
        spell_days(series(26, 26, 26), 25, 0)
