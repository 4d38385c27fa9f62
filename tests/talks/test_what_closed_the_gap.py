"""Every way comes to the same climatology; where one does not, the segment is red."""

import pytest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"ymonmean"', '"ymonmax"'),
        ('routes.by_hand(path, "month")', 'routes.by_hand(path, "month") + 0.01'),
        ('routes.by_iris(path, "month")', 'routes.by_iris(path, "month") + 0.01'),
        ('climatology.mean(opened(), "month")', 'climatology.mean(opened()[31:], "month")'),
        (".mean().values", ".max().values"),
    ],
    ids=["CDO", "NumPy", "Iris", "the walk", "groupby"],
)
def test_another_result_is_found_out(red, old, new):
    red("what-closed-the-gap", old, new, "error < 0.001")
