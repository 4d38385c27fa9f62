"""An exercise to take away: a notebook of its page without the solution."""

from __future__ import annotations

import re

import nbformat
from nbformat import NotebookNode

from roadshow.cells import FENCE, read_cells

_FRONT = re.compile(r"\A---\n.*?^---\n", re.MULTILINE | re.DOTALL)
_DIRECTIVE = re.compile(r"^(:{3,})\{.*?^\1[ ]*$\n?", re.MULTILINE | re.DOTALL)


def notebook(markdown: str) -> NotebookNode | None:
    """The notebook of a page up to the slide with the first solution; none where the page has no solution.

    Its text is that of the slides: without the notes, and without what is for readers of the site.
    """
    solution = next((cell for cell in read_cells(markdown) if cell.solves), None)
    if solution is None:
        return None
    before = "".join(markdown.splitlines(keepends=True)[: solution.line - 1])
    task = _FRONT.sub("", before[: before.rindex("\n## ")])
    parts, start = [], 0
    for found in FENCE.finditer(task):
        parts += [_text(task[start : found.start()]), _code(found[3], may_raise="raises-exception" in found[2])]
        start = found.end()
    parts = [part for part in (*parts, _text(task[start:])) if part.source]
    for number, part in enumerate(parts):
        # A name of its own choice would differ from build to build.
        part["id"] = f"cell-{number}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=parts, metadata={"kernelspec": kernel})


def _text(markdown: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(_DIRECTIVE.sub("", markdown).strip())


def _code(code: str, *, may_raise: bool) -> NotebookNode:
    return nbformat.v4.new_code_cell(code.rstrip("\n"), metadata={"tags": ["raises-exception"]} if may_raise else {})
