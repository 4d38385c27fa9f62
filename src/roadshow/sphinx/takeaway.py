"""Beside the page of an exercise its notebook to take away, without the solution, and on the page the way to it."""

from __future__ import annotations

from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.application import Sphinx

from roadshow.exercises import notebook
from roadshow.sphinx.decks import segments
from roadshow.sphinx.directives import segment_page


def say_where(app: Sphinx, document: nodes.document) -> None:
    """Say under the title of an exercise where its notebook is, and how to open it. (`doctree-read`.)"""
    top = document.next_node(nodes.section)
    if top is None or not any("tag_solution" in cell["classes"] for cell in top.findall(nodes.container)):
        return
    name = app.env.docname.rsplit("/", 1)[-1]
    link = nodes.reference("", "", nodes.literal(text=f"{name}.ipynb"), refuri=f"{name}.ipynb", internal=True)
    how = " in the project's folder and open it there in its environment, with Jupyter or an editor that runs notebooks."
    words = [nodes.strong(text="To do it yourself:"), nodes.Text(" save "), link, nodes.Text(how)]
    first = next((place for place, child in enumerate(top.children) if isinstance(child, nodes.section)), len(top.children))
    top.insert(first, nodes.paragraph("", "", *words, classes=["take-away"]))


def write_notebooks(app: Sphinx, error: Exception | None) -> None:
    """Write the notebook of each exercise beside its page. (`build-finished`.)"""
    if error or app.builder.name != "html":
        return
    for name in segments(app.env):
        page = segment_page(app.config.roadshow_segments, name)
        made = notebook(Path(app.env.doc2path(page)).read_text(encoding="utf-8"))
        if made:
            nbformat.write(made, Path(app.outdir, f"{page}.ipynb"))
