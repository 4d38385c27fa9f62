"""The store's segment is red when the store lets anybody in, when a reader is wrong, or when the trap of references is none."""


def red(done, *words):
    assert done.returncode == 1
    assert "raised AssertionError" in done.stderr
    assert all(word in done.stderr for word in words)


def test_a_store_that_lets_anybody_in_is_found_out(broken):
    red(broken("what-the-store-sends", "knock(skip_signature=True)", "knock(**keys)"))


def test_a_reader_that_gives_other_values_is_found_out(broken):
    red(
        broken(
            "what-the-store-sends",
            "                        zarr_format=3)\n",
            "                        zarr_format=3) + 1\n",
        ),
        "references to the netCDF",
    )


def test_the_layout_is_what_decides(broken):
    red(
        broken(
            "what-the-store-sends", '"a series a chunk": (members, months, 25, 24)', '"a series a chunk": (1, 1, rows, columns)'
        ),
        "the layout does not matter",
    )
