"""Check the decks once every page is read, and write each one's running order on its page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from roadshow.deck import MINUTES_KEYS, Deck, Fault, Segment, check, minutes_of, total_minutes
from roadshow.sphinx.directives import segment_page, table, visit_file
from roadshow.sphinx.nodes import counter_evidence, running_order, speaker_notes, transcript
from roadshow.visit_file import read_visit

_POSITIVE = re.compile(r"(?=.*[1-9])\d+(\.\d+)?")

logger = logging.getLogger(__name__)


def decks(env: BuildEnvironment) -> dict[str, Deck]:
    """The deck of each page that has one, by page."""
    return {page: data["deck"] for page, data in sorted(env.metadata.items()) if "deck" in data}


def segments(env: BuildEnvironment) -> dict[str, Segment]:
    """Every segment that there is, by name."""
    folder = env.config.roadshow_segments + "/"
    pages = sorted(page for page in env.found_docs if page.startswith(folder))
    return {page.removeprefix(folder): Segment(env.titles[page].astext(), _minutes(env, page)) for page in pages}


def _minutes(env: BuildEnvironment, page: str) -> dict[str, float]:
    stated = {depth: str(env.metadata[page].get(key)) for depth, key in MINUTES_KEYS.items()}
    return {depth: float(minutes) for depth, minutes in stated.items() if _POSITIVE.fullmatch(minutes)}


def faults(env: BuildEnvironment, page: str) -> list[Fault]:
    """All that is wrong with the deck of a page."""
    speakers = read_visit(visit_file(env)).visitors
    return sorted(
        [*env.metadata[page]["deck_faults"], *check(decks(env)[page], segments(env), speakers)], key=lambda fault: fault.line
    )


def check_all(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of segments without minutes and of every fault of every deck. (`env-check-consistency`.)"""
    for name, segment in segments(env).items():
        if "full" not in segment.minutes:
            page = segment_page(env.config.roadshow_segments, name)
            message = "the segment %r states no minutes; add a line such as `minutes: 4` to its front matter"
            logger.warning(message, name, location=(page, 1), type="roadshow", subtype="segment")
    for page in decks(env):
        for fault in faults(env, page):
            logger.warning(fault.message, location=(page, fault.line), type="roadshow", subtype="deck")


def write_running_orders(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the running order and the button that opens the slides in the place kept for them. (`doctree-resolved`.)"""
    for place in list(doctree.findall(running_order)):
        place.replace_self([_button(page), _order(app, page), transcript("", *_said(app, page))])


def _button(page: str) -> nodes.Node:
    link = nodes.reference("", "Open the slides", refuri=f"{page.rsplit('/', 1)[-1]}-slides.html", classes=["open-slides"])
    return nodes.paragraph("", "", link)


def _order(app: Sphinx, page: str) -> nodes.table:
    deck, known = decks(app.env)[page], segments(app.env)
    speakers = read_visit(visit_file(app.env)).visitors
    rows = []
    for choice in (choice for choice in deck.choices if choice.segment in known):
        uri = app.builder.get_relative_uri(page, segment_page(app.config.roadshow_segments, choice.segment))
        link = nodes.reference("", known[choice.segment].title, refuri=uri, internal=True)
        who = speakers[choice.speaker].name if choice.speaker in speakers else choice.speaker
        rows.append([nodes.paragraph("", "", link), *_texts(choice.depth, who, f"{minutes_of(choice, known):g}")])
    total = total_minutes(deck, known)
    rows.append([nodes.paragraph("", "", nodes.strong(text="Spoken")), *_texts("", "", f"{total:g}")])
    rows.append([nodes.paragraph("", "", nodes.strong(text="Left for questions")), *_texts("", "", f"{deck.slot - total:g}")])
    return table(["Segment", "Depth", "Speaker", "Minutes"], rows, [6, 2, 3, 2], "running-order")


def _said(app: Sphinx, page: str) -> Iterator[nodes.Node]:
    """What is said on each slide of a deck, under the slide's title and its speaker's name."""
    speakers = read_visit(visit_file(app.env)).visitors
    for choice in decks(app.env)[page].choices:
        source = segment_page(app.config.roadshow_segments, choice.segment)
        if source not in app.env.found_docs or choice.speaker not in speakers:
            continue
        sections = slide_sections(app.env.get_doctree(source))
        for section in (section for section in sections if section.get("depth") in (None, choice.depth)):
            title = section.next_node(nodes.title).astext()
            yield nodes.rubric("", f"{title} ({speakers[choice.speaker].name})", **{"heading-level": 3})
            yield from (nodes.paragraph(text=text) for notes in section.findall(speaker_notes) for text in _spoken(notes))


def slide_sections(document: nodes.document) -> list[nodes.section]:
    """The sections of a segment that are slides: those of the second level."""
    top = document.next_node(nodes.section)
    return [child for child in top.children if isinstance(child, nodes.section)] if top else []


def _spoken(notes: speaker_notes) -> Iterator[str]:
    """The paragraphs of the notes that are said, without what is only to be had ready."""
    ready = {id(text) for part in notes.findall(counter_evidence) for text in part.findall(nodes.paragraph)}
    return (text.astext() for text in notes.findall(nodes.paragraph) if id(text) not in ready)


def _texts(*texts: str) -> list[nodes.Node]:
    return [nodes.paragraph(text=text) for text in texts]
