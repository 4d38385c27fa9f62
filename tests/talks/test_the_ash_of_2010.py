"""What the slides say of the ash is red when the limits, the area or the layers are others."""

import pytest


@pytest.mark.parametrize(
    ("old", "new", "assertion"),
    [
        ("area = ash.cell_areas(cloud) ", "area = 0 * cloud.latitude + ash.cell_areas(cloud).max() ", "np.isclose"),
        ("worst > limit, 0", "cloud[0] > limit, 0", "np.isclose"),
        ("[(0, 200), (200, 350), (350, 550)]", "[(0, 200), (200, 300), (300, 550)]", "cloud.flight_level"),
    ],
    ids=["areas", "layer", "levels"],
)
def test_another_result_is_found_out(red, old, new, assertion):
    red("the-ash-of-2010", old, new, assertion)
