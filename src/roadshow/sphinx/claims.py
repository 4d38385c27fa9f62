"""Claims bound to evidence: words on a page or a slide that say on which row they rest, and the page that has all the rows."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective, SphinxRole

from roadshow.evidence import Claim, read_claims
from roadshow.sphinx.nodes import speaker_notes
from roadshow.sphinx.parts import paragraph, table

_WRITTEN = re.compile(r"(?:(?P<words>.+?)\s*<)?(?P<ids>[A-Z]+\d+(?: [A-Z]+\d+)*)>?", re.DOTALL)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
TABLES = ("adopters", "projects", "counter_evidence", "facts")
"""The tables of claims."""


class claim(nodes.inline):
    """Words that rest on rows of the evidence, after them a mark and a card for each row."""


class claim_card(nodes.inline):
    """What a row says of itself: shown on the site when the reader asks, on a slide at its foot."""


class ClaimRole(SphinxRole):
    """An id alone, such as `A13`, says what the row says; `in your own words <A13>` says it so, and rests on the row, too."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        known = _claims(self.env)
        written = _WRITTEN.fullmatch(self.text)
        named = written["ids"].split() if written else []
        if lost := [name for name in named or [self.text] if name not in known]:
            mend = f"write an id of one of the tables {', '.join(TABLES)}, alone or after your own words: words <A13>"
            return self.fault(f"there is no evidence {', '.join(lost)!r}; {mend}")
        assert written
        rows = [known[name] for name in named]
        words = written["words"] or " ".join(row.text for row in rows).removesuffix(".")
        stated = {number for row in rows for number in _NUMBER.findall(f"{row.text} {row.when}")}
        if wrong := [number for number in _NUMBER.findall(words) if number not in stated]:
            return self.fault(f"{', '.join(wrong)} does not stand in {' or '.join(named)}; say what the row says, or name another")
        made = claim("", words, classes=["claim"])
        for row in rows:
            made += [_mark(row, self.env.docname), claim_card("", "", *_told(row), row=row.id, classes=["claim-card"])]
        return [made], []

    def fault(self, text: str) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """An error at the role's line."""
        message = self.inliner.reporter.error(text, line=self.lineno)
        return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]


def _mark(row: Claim, page: str) -> addnodes.pending_xref:
    """A link to the row on the page of claims, which shows the year."""
    text = nodes.inline(text=_year(row))
    target = {"refdomain": "std", "reftype": "ref", "reftarget": row.id.lower(), "refexplicit": True}
    return addnodes.pending_xref("", text, **target, refwarn=True, refdoc=page)


def _year(row: Claim) -> str:
    years = re.findall(r"\d{4}", row.when)
    return years[-1] if years else "undated"


def _told(row: Claim) -> list[nodes.Node]:
    return [nodes.reference("", row.source_title, refuri=row.source_url), nodes.Text(f" ({row.when})")]


def footnotes(section: nodes.section) -> None:
    """On a slide, put what its claims rest on at its foot, a number each; in the notes, leave the year alone."""
    for notes in section.findall(speaker_notes):
        for card in list(notes.findall(claim_card)):
            card.parent.remove(card)
    feet: dict[str, nodes.Node] = {}
    for said in section.findall(claim):
        numbers = []
        for card in list(said.findall(claim_card)):
            # Two rows may have been read in the same place.
            feet.setdefault(card.astext(), paragraph(*card.children))
            numbers.append(list(feet).index(card.astext()) + 1)
        if numbers:
            del said[1:]
            said += nodes.superscript(text=", ".join(map(str, dict.fromkeys(numbers))))
    for number, foot in enumerate(feet.values(), start=1):
        foot.insert(0, nodes.superscript(text=f"{number} "))
    if feet:
        section += nodes.container("", *feet.values(), classes=["claims"])


class ClaimsDirective(SphinxDirective):
    """All rows of a table, such as `adopters`: what each says, on what it rests, what is to be doubted."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        if (name := self.arguments[0]) not in TABLES:
            raise self.error(f"there is no table of claims {name!r}; there is {', '.join(TABLES)}")
        rows = [row for row in _claims(self.env).values() if row.table == name]
        for row in rows:
            self.env.domains.standard_domain.note_hyperlink_target(row.id.lower(), self.env.docname, row.id, row.about)
        heads = ["Id", "What is said", "When, and how", "Source", "What to doubt"]
        shown = table(heads, [_cells(row) for row in rows], [1, 5, 2, 3, 5], "cards")
        for line, row in zip(shown.next_node(nodes.tbody).children, rows, strict=True):
            line["ids"] = [row.id]
        return [shown]


def _cells(row: Claim) -> list[nodes.Node]:
    return [
        nodes.paragraph(text=row.id),
        paragraph(nodes.strong(text=f"{row.about}. "), row.text),
        nodes.paragraph(text=row.when),
        paragraph(nodes.reference("", row.source_title, refuri=row.source_url)),
        nodes.paragraph(text=" ".join(row.doubts)),
    ]


def _claims(env: BuildEnvironment) -> dict[str, Claim]:
    """The claims that there are; the page that asks depends on their tables."""
    folder = Path(env.srcdir, env.config.roadshow_evidence)
    for name in TABLES:
        env.note_dependency(str(folder / f"{name}.csv"))
    return read_claims(folder, date.today().year)


def setup(app: Sphinx) -> None:
    """Register the role and the directive."""
    app.add_role("claim", ClaimRole())
    app.add_directive("claims", ClaimsDirective)
