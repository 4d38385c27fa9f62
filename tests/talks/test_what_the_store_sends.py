"""The store's segment is red when the store lets anybody in, when a reader is wrong, or when the trap of references is none."""

import pytest


@pytest.mark.parametrize(
    ("old", "new", "assertion"),
    [
        ("knock(skip_signature=True)", "knock(**keys)", '["refused: HTTP 400", "refused: HTTP 403", "let in"]'),
        ("                        zarr_format=3)\n", "                        zarr_format=3) + 1\n", "'references to the netCDF'"),
        (
            '"a series a chunk": (members, months, 25, 24)',
            '"a series a chunk": (1, 1, rows, columns)',
            "the layout does not matter",
        ),
    ],
    ids=["anybody is let in", "other values", "one layout"],
)
def test_a_store_that_does_otherwise_is_found_out(red, old, new, assertion):
    red("what-the-store-sends", old, new, assertion)
