"""What a call asks of Dask is counted, and what it gives is looked at."""

import dask.array as da
import xarray as xr

from examples import laziness


def test_what_is_asked_of_dask_is_counted():
    array = xr.DataArray(da.ones(4, chunks=2))
    assert laziness.of(lambda: array + 1) == (0, True)
    assert laziness.of(lambda: (array.compute(), array.compute())) == (2, False)
    assert laziness.of(lambda: (array + 1, int(array.sum()))) == (1, True)
    assert laziness.of(lambda: 3) == (0, False)
