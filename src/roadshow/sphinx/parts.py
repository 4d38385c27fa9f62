"""Pieces of a page that more than one directive makes: a section, a paragraph, a list, a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from docutils import nodes


def section(name: str, title: Iterable[nodes.Node | str], *blocks: nodes.Node, kind: str = "") -> nodes.section:
    """A section with `name` as its anchor, and with `kind` as its class if there is one."""
    heading = nodes.title("", "", *_texts(title))
    return nodes.section("", heading, *blocks, ids=[name], classes=[kind] if kind else [])


def paragraph(*parts: nodes.Node | str) -> nodes.paragraph:
    """A paragraph of nodes and texts."""
    return nodes.paragraph("", "", *_texts(parts))


def bullets(blocks: Iterable[nodes.Node], name: str = "simple") -> nodes.bullet_list:
    """A list with a block in each item."""
    return nodes.bullet_list("", *(nodes.list_item("", block) for block in blocks), classes=[name])


def marked(text: str) -> Iterator[nodes.Node]:
    """A text, what stands between single or double backquotes as code."""
    for index, part in enumerate(re.split(r"``(.+?)``|`([^`]+)`", text)):
        if part:
            yield nodes.literal(text=part) if index % 3 else nodes.Text(part)


def table(heads: list[str], rows: list[list[nodes.Node]], widths: list[int], name: str) -> nodes.table:
    """A docutils table with one head row; `rows` hold a block each, `widths` are relative."""
    group = nodes.tgroup(cols=len(heads))
    group += [nodes.colspec(colwidth=width) for width in widths]
    group += nodes.thead("", nodes.row("", *(nodes.entry("", nodes.paragraph(text=head)) for head in heads)))
    group += nodes.tbody("", *(nodes.row("", *(nodes.entry("", cell) for cell in row)) for row in rows))
    return nodes.table("", group, classes=[name])


def _texts(parts: Iterable[nodes.Node | str]) -> Iterator[nodes.Node]:
    return (nodes.Text(part) if isinstance(part, str) else part for part in parts)
