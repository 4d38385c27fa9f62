"""Numbers that nothing stands behind: no cell computed them, no row of the evidence says them, and nobody chose them."""

from __future__ import annotations

import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.logging import getLogger

from roadshow.sphinx.claims import claim

logger = getLogger(__name__)

CHOSEN = "chosen"
"""The class of what somebody chose: an instruction, a limit, a definition, the edge of a box."""

_NUMBER = r"\d+(?:[.,]\d+)*"
_NUMBERED = "article|chapter|issue|level|month|number|part|port|question|release|section|slide|status|step|test|topic|version|week"
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_NO_FIGURE = re.compile(
    rf"^\s*\d+\.(?=\s|$)"  # the number of an item
    rf"|\b(?:{_NUMBERED})s?\s+{_NUMBER}(?:(?:\s*[,–]\s*|\s+(?:to|and|or)\s+){_NUMBER})*"
    rf"|\b\d\d?(?:\s+(?:{_MONTHS})\b)|\b\d\d?:\d\d\b"
    rf"|\b(?:1[5-9]|20)\d\ds?\b(?![.,]\d)",  # a year
    re.IGNORECASE,
)
_FIGURE = re.compile(rf"(?<![\w-]){_NUMBER}")
_BOUND = (claim, nodes.literal, nodes.math, nodes.raw)
_NO_PROSE = (nodes.literal_block, nodes.math_block, nodes.comment, nodes.raw)


def warn_of_numbers(app: Sphinx, document: nodes.document) -> None:
    """Warn of each paragraph of a page that states a number of its own, at its line. (`doctree-read`.)

    What a directive made has no line or says what the page's source does not: it rests on the file that the directive read. A
    translation says what its original says.
    """
    names = re.compile("|".join(re.escape(name) for name in app.config.roadshow_names) or r"(?!)")
    source = Path(app.env.doc2path(app.env.docname)).read_text(encoding="utf-8")
    for block in document.findall(nodes.TextElement):
        if block.line is None or block.get("translated") or isinstance(block, (nodes.Inline, *_NO_PROSE)) or _is_set_apart(block):
            continue
        text = names.sub(" ", _own_text(block))
        found = [number for number in _FIGURE.findall(_NO_FIGURE.sub(" ", text)) if number in source]
        if found and not _is_label(block, text):
            logger.warning(
                "nothing stands behind %s; compute it in a cell, bind it to a row of the evidence: {claim}`words <A13>`, "
                "or mark what somebody chose: [%s]{.%s}",
                ", ".join(found),
                found[0],
                CHOSEN,
                location=block,
                type="roadshow",
                subtype="number",
            )


def _own_text(block: nodes.Node) -> str:
    """The text of a block without what is bound or chosen, and without the names of sources that it links to."""
    if isinstance(block, nodes.Text):
        return block.astext()
    if isinstance(block, _BOUND) or CHOSEN in block.get("classes", ()) or "://" in block.get("refuri", ""):
        return "\ufffc"
    return "".join(_own_text(child) for child in block.children)


def _is_set_apart(block: nodes.Node) -> bool:
    """Whether it stands in something chosen, or in what a cell gave."""
    while block is not None:
        classes = block.get("classes", ()) if isinstance(block, nodes.Element) else ()
        if CHOSEN in classes or "cell_output" in classes:
            return True
        block = block.parent
    return False


def _is_label(block: nodes.Node, text: str) -> bool:
    """Whether it is the number of a row: a whole number alone in the first cell."""
    entry = block.parent
    return isinstance(entry, nodes.entry) and entry.parent.index(entry) == 0 and text.strip().isdigit()


def setup(app: Sphinx) -> None:
    """Register the check and its setting."""
    app.add_config_value(
        "roadshow_names", [], "env", types=frozenset({list}), description="Names with a number in them, such as Niño 3.4."
    )
    app.connect("doctree-read", warn_of_numbers)
