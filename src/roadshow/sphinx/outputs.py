"""The tables that cells show, in the language of the site; a figure, and what code prints, stay as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from docutils import nodes
from sphinx.application import Sphinx

from roadshow.catalogue import OUTPUTS

_CELL = re.compile(r"(<t[hd]>(?:<strong>)?)([^<]*[^\W\d_]{2}[^<]*)")
"""A cell of a table with words in it."""
_NUMBER = re.compile(r"\d(?:[\d.,]*\d)?")


def _tables(document: nodes.document) -> Iterator[nodes.raw]:
    return (raw for raw in document.findall(nodes.raw) if raw["format"] == "html" and 'class="dataframe"' in raw.astext())


def translate_tables(app: Sphinx, document: nodes.document) -> None:
    """Put the words of each table into the language of the site; its numbers, in a translation ``{}``, stay. (`doctree-read`.)"""
    texts, seen = app.config.roadshow_words.get(OUTPUTS, {}), []

    def said(found: re.Match[str]) -> str:
        text = " ".join(unescape(found[2]).split())
        seen.append(_NUMBER.sub("{}", text))
        numbers = iter(_NUMBER.findall(text))
        other = re.sub(r"\{\}", lambda _: next(numbers, ""), texts[seen[-1]]) if seen[-1] in texts else None
        return found[0] if other is None else found[1] + escape(other)

    for raw in list(_tables(document)):
        raw.replace_self(nodes.raw("", _CELL.sub(said, raw.astext()), **raw.attributes))
    if seen:
        app.env.metadata[app.env.docname]["tables"] = list(dict.fromkeys(seen))


def write_template(app: Sphinx, error: Exception | None) -> None:
    """Write what the tables say, with the pages that show it, beside what Sphinx writes for translators. (`build-finished`.)"""
    if error or app.builder.name != "gettext":
        return
    made = Catalog()
    for page in sorted(app.env.found_docs):
        for text in app.env.metadata[page].get("tables", ()):
            made.add(text, locations=[(page, 1)])
    with Path(app.outdir, f"{OUTPUTS}.pot").open("wb") as file:
        write_po(file, made)
