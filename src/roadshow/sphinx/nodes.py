"""The nodes that the directives leave in a page, and how HTML shows them."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from roadshow.sphinx.words import words


class slide_options(nodes.Element):
    """What a ``{slide}`` directive says of its section: `depth` and `layout`; never written."""


class speaker_notes(nodes.General, nodes.Element):
    """What the speaker says: reveal.js's notes on a slide, text on the site."""


class reader_text(nodes.General, nodes.Element):
    """What only the site's reader sees."""


class running_order(nodes.General, nodes.Element):
    """The place of a deck's running order, filled in when every segment is known."""


class attempts(nodes.General, nodes.Element):
    """The place of the list of what a listener may try to break, filled in when every segment is known."""


class counter_evidence(nodes.General, nodes.Element):
    """What can be held against what a slide says: to have ready, not to say."""


class transcript(nodes.General, nodes.Element):
    """What is said on the slides of a deck, folded up on its page."""


def setup(app: Sphinx) -> None:
    """Say how HTML writes the nodes that reach it."""
    app.add_node(speaker_notes, html=(_visit_notes, _depart_notes))
    app.add_node(reader_text, html=(_visit_reader, _depart_reader))
    app.add_node(counter_evidence, html=(_visit_counter_evidence, _depart_reader))
    app.add_node(transcript, html=(_visit_transcript, _depart_transcript))


def _visit_notes(self: HTML5Translator, node: speaker_notes) -> None:
    self.body.append('<aside class="notes">')


def _depart_notes(self: HTML5Translator, node: speaker_notes) -> None:
    self.body.append("</aside>\n")


def _visit_reader(self: HTML5Translator, node: reader_text) -> None:
    self.body.append('<div class="reader">')


def _visit_counter_evidence(self: HTML5Translator, node: counter_evidence) -> None:
    self.body.append('<div class="counter-evidence">')


def _visit_transcript(self: HTML5Translator, node: transcript) -> None:
    _ = words(self.builder.env)
    said = _("Transcript: what is said on each slide")
    self.body.append(f'<details class="transcript"><summary>{said}</summary>')


def _depart_transcript(self: HTML5Translator, node: transcript) -> None:
    self.body.append("</details>\n")


def _depart_reader(self: HTML5Translator, node: reader_text) -> None:
    self.body.append("</div>\n")
