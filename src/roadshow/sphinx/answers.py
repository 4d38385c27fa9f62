"""A page of questions: each with its answer, its caveat, its source, what shows it, and an address of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.osutil import relative_uri

from roadshow.evidence import Question, read_questions, to_check
from roadshow.sphinx.decks import slides_page
from roadshow.sphinx.directives import question_tables, segment_page
from roadshow.sphinx.parts import paragraph, section


class QuestionsDirective(SphinxDirective):
    """The questions of a table, a section for each group and for each question, whose id is its anchor.

    `deck` is the page of a deck, on whose backup slides the same answers stand.
    """

    required_arguments = 1
    option_spec = {"deck": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        tables = question_tables(self.env)
        if (name := self.arguments[0]) not in tables:
            raise self.error(f"there is no table of questions {name!r}; there is {', '.join(tables) or 'none'}")
        for path in (tables[name], Path(__file__)):
            self.env.note_dependency(str(path))
        self.env.metadata[self.env.docname]["questions"] = True
        # The sort is stable: within a group the questions keep the order of their table.
        rows = list(read_questions(tables[name]).values())
        order = list(dict.fromkeys(row.group for row in rows))
        rows.sort(key=lambda row: order.index(row.group))
        for row in rows:
            self.env.domains.standard_domain.note_hyperlink_target(row.id, self.env.docname, row.id, row.question)
        return [
            section(f"{name}-{group}", [group.capitalize()], *map(self.answered, asked), kind="group")
            for group, asked in groupby(rows, key=lambda row: row.group)
        ]

    def answered(self, row: Question) -> nodes.section:
        """A question as a section."""
        parts: list[nodes.Node] = [nodes.paragraph(text=row.answer)]
        if row.caveat:
            parts.append(paragraph(nodes.strong(text="But:"), f" {row.caveat}"))
        parts.append(nodes.paragraph("", "", *self.sources(row), classes=["source"]))
        parts += [nodes.paragraph(text=check, classes=["source"]) for check in to_check(row.how_read, row.year, date.today().year)]
        return section(row.id, [row.question], *parts, kind="question")

    def sources(self, row: Question) -> Iterator[nodes.Node]:
        """Where the answer comes from, the segment that shows it, and its slide."""
        yield nodes.reference("", row.source_title, refuri=row.source_url)
        yield nodes.Text("" if row.year == "undated" else f", {row.year}")
        if row.segment:
            page = "/" + segment_page(self.config.roadshow_segments, row.segment)
            yield nodes.Text(" · shown: ")
            yield addnodes.pending_xref(
                "", nodes.inline(), refdomain="std", reftype="doc", reftarget=page, refexplicit=False, refwarn=True
            )
        if deck := self.options.get("deck"):
            slide = f"{relative_uri(self.env.docname, slides_page(deck.lstrip('/')))}.html#/{row.id}"
            yield nodes.Text(" · ")
            yield nodes.reference("", f"slide {row.id}", refuri=slide)


def add_finder(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Let the reader narrow the questions of a page to those with some words. (`html-page-context`.)"""
    if "questions" in app.env.metadata.get(page, {}):
        app.add_js_file("questions.js", loading_method="defer")


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("questions", QuestionsDirective)
    app.connect("html-page-context", add_finder)
