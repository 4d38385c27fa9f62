"""Beside the page of a segment its script to take away, of an exercise its notebook too; and on the page the way to them."""

from __future__ import annotations

from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.application import Sphinx

from roadshow.cells import read_cells
from roadshow.exercises import notebook, parts
from roadshow.scripts import script
from roadshow.sphinx.decks import segments
from roadshow.sphinx.directives import segment_page


def say_where(app: Sphinx, document: nodes.document) -> None:
    """Say under the title of a segment where its script is and how to run it; of an exercise, the notebook. (`doctree-read`.)"""
    top = document.next_node(nodes.section)
    page, folder = app.env.docname, f"{app.config.roadshow_segments}/"
    if top is None or not page.startswith(folder):
        return
    cells = read_cells(Path(app.env.doc2path(page)).read_text(encoding="utf-8"))
    name = page.removeprefix(folder)
    said = []
    if any(cell.solves for cell in cells):
        how = " in the project's folder and open it there in its environment, with Jupyter or an editor that runs notebooks."
        words = [nodes.strong(text="To do it yourself:"), nodes.Text(" save "), _link(f"{name}.ipynb"), nodes.Text(how)]
        said.append(nodes.paragraph("", "", *words, classes=["take-away"]))
    if cells:
        words = [
            nodes.strong(text="To run it:"),
            nodes.Text(" save "),
            _link(f"{name}.py"),
            nodes.Text(" in the project's folder; there, say "),
        ]
        words += [nodes.literal(text=_command(name)), nodes.Text(".")]
        said.append(nodes.paragraph("", "", *words, classes=["run-it"]))
    first = next((place for place, child in enumerate(top.children) if isinstance(child, nodes.section)), len(top.children))
    top[first:first] = said


def _link(file: str) -> nodes.reference:
    return nodes.reference("", "", nodes.literal(text=file), refuri=file, internal=True)


def _command(name: str) -> str:
    return f".venv/bin/python {name}.py"


def write_takeaways(app: Sphinx, error: Exception | None) -> None:
    """Write the script of each segment that has cells, and the notebook of each exercise, beside its page. (`build-finished`.)"""
    if error or app.builder.name != "html":
        return
    for name in segments(app.env):
        page = segment_page(app.config.roadshow_segments, name)
        source = Path(app.env.doc2path(page)).read_text(encoding="utf-8")
        if read_cells(source):
            Path(app.outdir, f"{page}.py").write_text(script(parts(source), page, _command(name)), encoding="utf-8")
        if made := notebook(source):
            nbformat.write(made, Path(app.outdir, f"{page}.ipynb"))
