"""What becomes of outputs on a page: their words in the language of the site; what was measured, out of the search."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape, unescape
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer
from sphinx.application import Sphinx

from roadshow.catalogue import FIGURES, OUTPUTS

_CELL = re.compile(r"(<t[hd]>(?:<strong>)?)([^<]+)")
"""A cell of a table."""
_WORD = re.compile(r"[^\W\d_]{2}|\d°?[^\W\d_]")
"""Two letters, or one after a number, as in the 2030s and in 20°W."""
_NUMBER = re.compile(r"\d(?:[\d.,]*\d)?")


def translate_outputs(app: Sphinx, document: nodes.document) -> None:
    """Put the words of tables, and of lines that are printed, into the language of the site; numbers, in it ``{}``, stay.

    A comma before thousands, which would be a decimal point in many a language, becomes a space. (`doctree-read`.)
    """
    texts: dict[str, str] = app.config.roadshow_words.get(OUTPUTS, {})
    seen: dict[str, None] = {}

    def said(text: str) -> str:
        pattern, numbers = _NUMBER.sub("{}", text), (number.replace(",", "\N{NO-BREAK SPACE}") for number in _NUMBER.findall(text))
        if wordy := _WORD.search(text):
            seen[pattern] = None
        if not texts or (wordy and pattern not in texts):
            return text
        return re.sub(r"\{\}", lambda _: next(numbers, ""), texts.get(pattern, pattern))

    def cell(found: re.Match[str]) -> str:
        text = " ".join(unescape(found[2]).split())
        return found[0] if (told := said(text)) == text else found[1] + escape(told)

    for raw in list(document.findall(nodes.raw)):
        if raw["format"] == "html" and 'class="dataframe"' in raw.astext():
            raw.replace_self(nodes.raw("", _CELL.sub(cell, raw.astext()), **raw.attributes))
    for printed in list(document.findall(nodes.literal_block)):
        if "stream" in printed["classes"]:
            lines = "\n".join(map(said, printed.astext().split("\n")))
            printed.replace_self(nodes.literal_block(lines, lines, **printed.attributes))
    if seen:
        app.env.metadata[app.env.docname][OUTPUTS] = list(seen)


class PictureInLanguage:
    """Has myst-nb show a figure as its cell drew it for the language of the site, where it did."""

    mime_priority_overrides = ()

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list[nodes.Element] | None:
        language = renderer.renderer.document.settings.env.config.language
        drawn = data.output_metadata.get(data.mime_type, {}).get(language)
        return renderer.render_image(replace(data, content=drawn)) if drawn else None


def note_figures(app: Sphinx, document: nodes.document) -> None:
    """Note what the figures of a page say, which stands beside each as text. (`doctree-read`.)"""
    said: dict[str, None] = {}
    for bundle in document.findall(nodes.container):
        kinds = {kind["mime_type"]: kind for kind in bundle.children} if bundle.get("nb_element") == "mime_bundle" else {}
        if {"image/png", "text/plain"} <= kinds.keys():
            lines = kinds["text/plain"].astext().splitlines()
            said |= dict.fromkeys(_NUMBER.sub("{}", line) for line in lines if _WORD.search(line))
    if said:
        app.env.metadata[app.env.docname][FIGURES] = list(said)


def keep_measured_out(app: Sphinx, document: nodes.document) -> None:
    """Keep what is true of one run out of the search index, which is then the same after each run. (`doctree-read`.)"""
    for output in measured(document):
        output["classes"].append("no-search")


def measured(document: nodes.document) -> list[nodes.container]:
    """The outputs of cells with the tag *measured*."""
    cells = [cell for cell in document.findall(nodes.container) if "tag_measured" in cell["classes"]]
    return [output for cell in cells for output in cell.findall(nodes.container) if output.get("nb_element") == "cell_code_output"]


def write_templates(app: Sphinx, error: Exception | None) -> None:
    """Write what tables and figures say, with the pages that show it, beside Sphinx's own templates. (`build-finished`.)"""
    if error or app.builder.name != "gettext":
        return
    for name in (OUTPUTS, FIGURES):
        made = Catalog()
        for page in sorted(app.env.found_docs):
            for text in app.env.metadata[page].get(name, ()):
                made.add(text, locations=[(page, 1)])
        with Path(app.outdir, f"{name}.pot").open("wb") as file:
            write_po(file, made)
