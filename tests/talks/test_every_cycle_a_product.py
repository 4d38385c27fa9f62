"""The pipeline's segment is red when a reader could see half a product, and when the product depends on the run."""

from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "talks/segments/every-cycle-a-product.md"
EITHER = 'watched.watch(how, folder / "watched.nc",'


@pytest.mark.parametrize(
    ("old", "new", "assertion"),
    [
        ("victim.kill()", "victim.resume()", "the step was not killed while it wrote"),
        ("arrive(quiet, cycle, 0.1 if", "arrive(quiet, cycle, 0.2 if", "the products differ"),
    ],
    ids=["nothing is killed", "another product"],
)
def test_a_product_that_depends_on_the_run_is_found_out(red, old, new, assertion):
    red(PAGE.stem, old, new, assertion)


@pytest.mark.parametrize(
    ("how", "assertion"),
    [('"in place"', "a reader saw half a product"), ('"renamed"', "the control shows nothing")],
    ids=["nothing is renamed", "nothing is written in place"],
)
def test_a_product_that_is_not_whole_is_found_out(red, how, assertion):
    """Its slide alone, which needs none of the runs before."""
    head, *slides = PAGE.read_text(encoding="utf-8").split("\n## ")
    (slide,) = (slide for slide in slides if EITHER in slide)
    red(PAGE.stem, EITHER, EITHER.replace("how", how), assertion, text="\n## ".join([head, slide]))
