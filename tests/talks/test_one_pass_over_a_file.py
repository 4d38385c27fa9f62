"""The climatology is the same whichever program makes it; where it is not, the segment is red."""

import pytest


@pytest.mark.parametrize(
    ("old", "new"),
    [("ymonmean", "ymonmax"), ("years.mean(axis=0)", "years.max(axis=0)"), (".mean().to_netcdf", ".max().to_netcdf")],
    ids=["CDO", "NumPy", "Xarray"],
)
def test_another_result_is_found_out(red, old, new):
    red("one-pass-over-a-file", old, new, "error < 0.001")
