"""Beside the page of a segment its script and its notebook, to take away; and on the page the way to them."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from roadshow.cells import read_cells
from roadshow.notebooks import notebook, parts
from roadshow.scripts import script
from roadshow.sphinx.decks import segments
from roadshow.sphinx.directives import segment_page
from roadshow.sphinx.words import words


def leave_notebooks_out(app: Sphinx, config: Config) -> None:
    """Take no notebook for a page: one that lies in the project's folder was taken away from a page. (`config-inited`.)"""
    config.exclude_patterns = [*config.exclude_patterns, "**.ipynb"]


def say_where(app: Sphinx, document: nodes.document) -> None:
    """Say under the title of a segment where its script and its notebook are, and how they run. (`doctree-read`.)"""
    top = document.next_node(nodes.section)
    page, folder = app.env.docname, f"{app.config.roadshow_segments}/"
    if top is None or not page.startswith(folder):
        return
    cells = read_cells(Path(app.env.doc2path(page)).read_text(encoding="utf-8"))
    if not cells:
        return
    _, name = words(app.env), page.removeprefix(folder)
    run = _("To run it:"), _("save {script} in the project's folder; there, say {command}.")
    save = _(
        "save {notebook} in the project's folder, and open it in its environment, with Jupyter or an editor that runs notebooks."
    )
    exercise = any(cell.solves for cell in cells)
    said = [(_("To do it yourself:"), save), run] if exercise else [run, (_("As a notebook:"), save)]
    parts = {
        "script": _link(f"{name}.py"),
        "notebook": _link(f"{name}.ipynb"),
        "command": nodes.literal(text=_command(name)),
    }
    told = [
        nodes.paragraph("", "", nodes.strong(text=lead), nodes.Text(" "), *_filled(text, parts), classes=["take-away"])
        for lead, text in said
    ]
    first = next((place for place, child in enumerate(top.children) if isinstance(child, nodes.section)), len(top.children))
    top[first:first] = told


def _filled(text: str, parts: dict[str, nodes.Node]) -> list[nodes.Node]:
    """The text as nodes, with a part wherever its name stands in braces."""
    return [parts[piece].deepcopy() if place % 2 else nodes.Text(piece) for place, piece in enumerate(re.split(r"\{(\w+)\}", text))]


def _link(file: str) -> nodes.reference:
    return nodes.reference("", "", nodes.literal(text=file), refuri=file, internal=True)


def _command(name: str) -> str:
    return f".venv/bin/python {name}.py"


def write_takeaways(app: Sphinx, error: Exception | None) -> None:
    """Write the script and the notebook of each segment that has cells beside its page. (`build-finished`.)"""
    if error or app.builder.name != "html":
        return
    for name in segments(app.env):
        page = segment_page(app.config.roadshow_segments, name)
        source = Path(app.env.doc2path(page)).read_text(encoding="utf-8")
        if made := notebook(source):
            Path(app.outdir, f"{page}.py").write_text(script(parts(source), page, _command(name)), encoding="utf-8")
            nbformat.write(made, Path(app.outdir, f"{page}.ipynb"))
