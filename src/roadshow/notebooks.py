"""What there is of a page to take away: its cells and the text of its slides, as a notebook; of an exercise up to the solution."""

from __future__ import annotations

import re

import nbformat
from nbformat import NotebookNode

from roadshow.cells import FENCE, read_cells

REACH = """\
# What a cell starts finds the project's modules.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [os.getcwd(), os.environ.get("PYTHONPATH")]))"""
"""What a page's cells need of the folder that they run in: the project's."""
_FRONT = re.compile(r"\A---\n.*?^---\n", re.MULTILINE | re.DOTALL)
_DIRECTIVE = re.compile(r"^(:{3,})\{.*?^\1[ ]*$\n?", re.MULTILINE | re.DOTALL)
_MARKED = re.compile(r"\[([^\]]*)\]\{\.\w+\}")
_BOUND = re.compile(r"\{claim\}`(.+?)\s*<[^`]*>`", re.DOTALL)
_RAISES = "raises-exception"
_TAGS = re.compile(rf"\b(?:{_RAISES}|remove-cell|remove-output)\b")


def notebook(markdown: str) -> NotebookNode | None:
    """The notebook of a page; none where the page has no cells. What a slide does not show of the code is folded."""
    cells = parts(markdown)
    if not any(cell.cell_type == "code" for cell in cells):
        return None
    for cell in cells:
        tags = set(cell.metadata.get("tags", []))
        cell.metadata = {"tags": [_RAISES]} if _RAISES in tags else {}
        if "remove-cell" in tags:
            cell.metadata["jupyter"] = {"source_hidden": True}
    begin = nbformat.v4.new_code_cell(f"import os\n\n{REACH}", id="begin", metadata={"jupyter": {"source_hidden": True}})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=[begin, *cells], metadata={"kernelspec": kernel})


def parts(markdown: str) -> list[NotebookNode]:
    """The text and the code of a page; of an exercise, up to the slide with the first solution.

    The text is that of the slides: without the notes, and without what is for readers of the site. Of a cell's tags those are
    kept that say whether it may raise and whether it is shown.
    """
    solution = next((cell.line for cell in read_cells(markdown) if cell.solves), None)
    before = "".join(markdown.splitlines(keepends=True)[: solution and solution - 1])
    task = _FRONT.sub("", before[: before.rindex("\n## ")] if solution else before)
    found_parts, start = [], 0
    for found in FENCE.finditer(task):
        found_parts += [_text(task[start : found.start()]), _code(found[3], _TAGS.findall(found[2]))]
        start = found.end()
    found_parts = [part for part in (*found_parts, _text(task[start:])) if part.source]
    for number, part in enumerate(found_parts):
        # A name of its own choice would differ from build to build.
        part["id"] = f"cell-{number}"
    return found_parts


def _text(markdown: str) -> NotebookNode:
    """The text without what only MyST reads: of words that are marked, or bound to a row, the words."""
    plain = _BOUND.sub(r"\1", _MARKED.sub(r"\1", _DIRECTIVE.sub("", markdown)))
    return nbformat.v4.new_markdown_cell(plain.strip())


def _code(code: str, tags: list[str]) -> NotebookNode:
    return nbformat.v4.new_code_cell(code.rstrip("\n"), metadata={"tags": tags} if tags else {})
