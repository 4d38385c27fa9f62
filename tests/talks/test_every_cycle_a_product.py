"""The pipeline's segment is red when a reader could see half a product, and when the product depends on the run."""

import pytest

EITHER = 'watched.watch(how, folder / "watched.nc")'


@pytest.mark.parametrize(
    ("old", "new", "assertion"),
    [
        (EITHER, EITHER.replace("how", '"in place"'), "a reader saw half a product"),
        (EITHER, EITHER.replace("how", '"renamed"'), "the control shows nothing"),
        ("victim.kill()", "victim.wait()", "the step was not killed while it wrote"),
        ("arrive(quiet, cycle, 0.1 if", "arrive(quiet, cycle, 0.2 if", "the products differ"),
    ],
    ids=["nothing is renamed", "nothing is written in place", "nothing is killed", "another product"],
)
def test_a_product_that_is_not_whole_is_found_out(red, old, new, assertion):
    red("every-cycle-a-product", old, new, assertion)
