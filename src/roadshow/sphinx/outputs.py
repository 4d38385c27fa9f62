"""What becomes of the outputs of cells on a page: tables in the language of the site, and what was measured out of the search."""

from __future__ import annotations

import re
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


def translate_tables(app: Sphinx, document: nodes.document) -> None:
    """Put the words of each table into the language of the site; its numbers, in a translation ``{}``, stay. (`doctree-read`.)"""
    texts: dict[str, str] = app.config.roadshow_words.get(OUTPUTS, {})
    seen: dict[str, None] = {}

    def said(found: re.Match[str]) -> str:
        text = " ".join(unescape(found[2]).split())
        pattern, numbers = _NUMBER.sub("{}", text), iter(_NUMBER.findall(text))
        seen[pattern] = None
        if pattern not in texts:
            return found[0]
        return found[1] + escape(re.sub(r"\{\}", lambda _: next(numbers, ""), texts[pattern]))

    for raw in list(document.findall(nodes.raw)):
        if raw["format"] == "html" and 'class="dataframe"' in raw.astext():
            raw.replace_self(nodes.raw("", _CELL.sub(said, raw.astext()), **raw.attributes))
    if seen:
        app.env.metadata[app.env.docname]["tables"] = list(seen)


def keep_measured_out(app: Sphinx, document: nodes.document) -> None:
    """Keep what is true of one run out of the search index, which is then the same after each run. (`doctree-read`.)"""
    for cell in document.findall(nodes.container):
        if cell.get("nb_element") == "cell_code" and "tag_measured" in cell["classes"]:
            for output in cell.children:
                if output.get("nb_element") == "cell_code_output":
                    output["classes"].append("no-search")


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
