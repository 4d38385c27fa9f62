"""Two cold builds in two folders give the same bytes, but for what measures."""

import re
import shutil

import pytest

from tests.same_bytes import differences


@pytest.fixture
def twice(project):
    """Builds the project in two folders and says in what the sites differ.

    They lie side by side: Sphinx notes where the extension lies as seen from the project.
    """

    def build(tags=""):
        if tags:
            project.change("talks/segments/alpha.md", ":tags: [hide-input]", f":tags: [{tags}]")
        copy = project.root.parent / "the same under another name"
        shutil.copytree(project.root, copy)
        assert project.build().status == 0
        first = project.root
        project.root = copy
        assert project.build("-j", "2").status == 0
        return differences(first / "_build/html", copy / "_build/html")

    return build


def test_two_builds_differ_in_nothing(twice):
    assert twice() == []


def test_a_cell_that_measures_and_says_so_may_differ(project, twice):
    # A word and not a number alone: the search index takes in words.
    project.change("talks/segments/alpha.md", 'print("<b>ran</b>")', 'import time; print(f"at{time.time_ns()}")')
    assert twice("hide-input, measured") == []
    stamps = [project.html(page).select_one(".tag_measured .output").text for page in ("talks/segments/alpha", "talks/one-slides")]
    assert re.fullmatch(r"\s*at\d{19}\s*", stamps[0])
    assert stamps[0].strip() == stamps[1].strip()


def test_a_cell_that_measures_and_does_not_say_so_is_named(project, twice):
    project.change("talks/segments/alpha.md", 'print("<b>ran</b>")', "import time; print(time.time_ns())")
    found = twice()
    assert found == ["talks/one-slides.html: a cell", "talks/segments/alpha.html: the cell 'import os'"]


def test_a_picture_that_is_not_marked_is_named(project, twice):
    code = "import time, matplotlib.pyplot as plt; figure = plt.figure(); note = plt.title(time.time_ns())"
    project.change("talks/segments/alpha.md", 'print("<b>ran</b>")', code)
    assert any(line.startswith("_images/") for line in twice())
