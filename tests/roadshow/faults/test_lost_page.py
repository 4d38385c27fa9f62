"""A page that was not read, and Sphinx does not say why: the build ends, names the page, and the next one is whole."""

import time

import pytest
from sphinx.util.parallel import ParallelTasks

FAILING = """
import os

def fail(app, page, source):
    if page == os.environ.get("LOST"):
        raise RuntimeError("nobody hears this")

def setup(app):
    app.connect("source-read", fail)
"""


@pytest.mark.parametrize("lost", ["about", "index"])
def test_a_page_that_sphinx_loses_ends_the_build_by_name(project, monkeypatch, lost):
    (project.root / "conf.py").write_text((project.root / "conf.py").read_text(encoding="utf-8") + FAILING)
    project.write("about.md", "---\norphan: true\n---\n# About\n")
    add = ParallelTasks.add_task

    def slowly(self, *task):
        # A process has failed when the next is to start: Sphinx then loses why.
        time.sleep(2 * (len(self._procs) in (1, 2)))
        add(self, *task)

    monkeypatch.setattr(ParallelTasks, "add_task", slowly)
    monkeypatch.setenv("LOST", lost)
    result = project.build("-j", "2")
    assert result.status == 1
    assert "about.md: it was not read" in result.err  # by name the first of those that were not
    assert result.err.rstrip().endswith("Build with -j 1, which says why.")
    assert "Traceback" not in result.err
    # Where Sphinx does say why, it is heard.
    serial = project.build("-j", "1")
    assert (serial.status, "it was not read" in serial.err) == (2, False)
    assert "nobody hears this" in serial.err
    monkeypatch.delenv("LOST")
    assert project.build("-j", "2").status == 0
    assert project.html("about").h1.find(string=True) == "About"
