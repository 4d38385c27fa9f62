"""The segment on climatologies at scale is red when a result is wrong, and when memory grows with the record."""

import pytest


@pytest.mark.parametrize(
    ("old", "new", "assertion"),
    [
        ('climatology.mean(sst, "day")     ', 'climatology.mean(sst[:-365], "day")', "assert_allclose(normal[number]"),
        ("climatology.anomaly(sst, normal)", "climatology.anomaly(sst, normal + 1)", "written.sst, wanted"),
        ("extremes.quantile(sst, 0.95)", "extremes.quantile(sst, 0.9)", "8192"),
        ('lambda part: climatology.mean(part, "day")', "lambda part: part.values", "1.3"),
    ],
    ids=["climatology", "anomaly", "percentile", "memory"],
)
def test_what_is_wrong_is_found_out(red, old, new, assertion):
    red("climatology-at-scale", old, new, assertion)
