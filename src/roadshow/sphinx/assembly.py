"""Make the slides of each deck out of the pages of its segments, without running anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from itertools import zip_longest
from pathlib import Path
from typing import Any

import segno
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.util import logging
from sphinx.util.fileutil import copy_asset_file
from sphinx.util.osutil import relative_uri

from roadshow.catalogue import INTERFACE
from roadshow.deck import Choice, Deck, Segment, minutes_of
from roadshow.evidence import Question, read_questions
from roadshow.sphinx.claims import footnotes
from roadshow.sphinx.decks import Talk, decks, segments, slide_sections, slides_page, talks
from roadshow.sphinx.directives import question_tables, segment_page, visit_file
from roadshow.sphinx.nodes import reader_text, speaker_notes
from roadshow.sphinx.words import words
from roadshow.visit import Visitor
from roadshow.visit_file import read_visit

REVEAL_FILES = (
    "dist/reset.css",
    "dist/reveal.css",
    "dist/reveal.js",
    "plugin/notes/notes.js",
    "plugin/zoom/zoom.js",
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Slide:
    """A slide ready for the template: `body` and `title` are HTML.

    A segment that is told in full has its slides for the brief depth too, for a talk that is cut short: `depth` is that of a
    slide which is in one of the two only. `seconds` is its share of its segment's time in full, `brief_seconds` that in brief;
    of `seconds`, the listeners work for `work_seconds` while nobody speaks.
    """

    id: str
    title: str
    body: str
    layout: str
    depth: str | None
    steps: str | None
    segment: str
    segment_title: str
    speaker: Visitor
    seconds: int
    brief_seconds: int
    work_seconds: int


@dataclass(frozen=True)
class Backup:
    """A slide that answers a question; `shown` is the address of the segment that shows it, with its title."""

    question: Question
    shown: tuple[str, str] | None


def write_decks(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """One page of slides for each deck that is out of date. (`html-collect-pages`.)"""
    if not isinstance(app.builder, StandaloneHTMLBuilder) or app.builder.name != "html":
        return
    told = talks(app.env)
    _remove_others(app, {talk.slides for talk in told})
    outdated = [talk for talk in told if _is_outdated(app, talk)]
    if not outdated:
        return
    _copy_reveal(app)
    known, visit = segments(app.env), read_visit(visit_file(app.env))
    for talk in outdated:
        page, deck = talk.page, talk.fitted.deck
        slides = list(_slides(app.builder, page, deck, known))
        context = {
            "_": words(app.env),
            # Sphinx takes what stands in a template's `_()` for a text to translate, and would fail at a variable.
            "say": words(app.env),
            "words": app.config.roadshow_words.get(INTERFACE),
            "title": app.env.titles[page].astext(),
            "deck_page": page,
            "visit": visit,
            "date": visit.on(talk.meeting.start) if talk.meeting else visit.when,
            "deck_css": app.config.roadshow_deck_css,
            "slides": slides,
            "last": _first_of_last_segment(slides),
            "backups": list(_backups(app.builder, page, slides, known)),
            "published": _published(app, page),
            "total_seconds": round(60 * talk.fitted.minutes),
            "slot": deck.slot,
            "root": relative_uri(app.builder.get_target_uri(talk.slides), "").rstrip("/") or ".",
            "page_uri": app.builder.get_relative_uri(talk.slides, page),
        }
        yield talk.slides, context, "roadshow/deck.html"


def _remove_others(app: Sphinx, kept: set[str]) -> None:
    """Remove the slides of a visit for which this site was built before."""
    for page in decks(app.env):
        for path in Path(app.outdir, page).parent.glob("*-slides.html"):
            if str(path.relative_to(app.outdir).with_suffix("").as_posix()) not in kept:
                path.unlink()


def _is_outdated(app: Sphinx, talk: Talk) -> bool:
    """Whether a page that the slides are made of was read, or a table of questions came, after they were written."""
    slides = Path(app.outdir, app.builder.get_target_uri(talk.slides))
    choices = talk.fitted.deck.choices
    parts = [talk.page, *(segment_page(app.config.roadshow_segments, choice.segment) for choice in choices)]
    sources = [*(Path(app.doctreedir, f"{part}.doctree") for part in parts), *question_tables(app.env).values()]
    times = [source.stat().st_mtime for source in sources if source.exists()]
    return not slides.exists() or max(times) > slides.stat().st_mtime


def _copy_reveal(app: Sphinx) -> None:
    reveal = Path(str(files("sphinx_revealjs"))) / "_static" / "revealjs"
    for name in REVEAL_FILES:
        target = Path(app.outdir) / "_static" / "reveal" / Path(name).name
        target.parent.mkdir(parents=True, exist_ok=True)
        copy_asset_file(reveal / name, target)


def _slides(builder: StandaloneHTMLBuilder, page: str, deck: Deck, known: dict[str, Segment]) -> Iterator[Slide]:
    visit = read_visit(visit_file(builder.env))
    told = [
        (choice, _sections(builder, page, choice))
        for choice in deck.choices
        if choice.segment in known and choice.speaker in visit.visitors
    ]
    targets = {_uri(builder, page, choice.segment): _first_shown(sections)["ids"][0] for choice, sections in told if sections}
    following = [choice for choice, __ in told[1:]]
    _ = words(builder.env)
    hand_over = _("Hand over to {speaker}: {title}")
    for (choice, sections), next_choice in zip_longest(told, following):
        full = [section for section in sections if section["depth"] != "brief"]
        brief = [section for section in sections if section["depth"] != "full"]
        spoken = 60 * minutes_of(choice, known) - sum(_work(section, choice) for section in full)
        if next_choice and next_choice.speaker != choice.speaker:
            for section in [*full[-1:], *(section for section in brief[-1:] if section["depth"])]:
                _say_hand_over(
                    section,
                    hand_over.format(speaker=_(visit.visitors[next_choice.speaker].name), title=known[next_choice.segment].title),
                )
        for section in sections:
            footnotes(section)
            _link_inside(section, targets)
            _check_steps(section, segment_page(builder.config.roadshow_segments, choice.segment))
            title = section.next_node(nodes.title)
            rest = nodes.container("", *(child for child in section.children if child is not title))
            yield Slide(
                id=section["ids"][0],
                title=builder.render_partial(nodes.inline("", "", *title.children))["fragment"],
                body=builder.render_partial(rest)["fragment"],
                layout=section.get("layout", "stack"),
                depth=section["depth"],
                steps=section.get("steps"),
                segment=choice.segment,
                segment_title=known[choice.segment].title,
                speaker=visit.visitors[choice.speaker],
                seconds=round(spoken / len(full)) + _work(section, choice) if section in full else 0,
                brief_seconds=round(60 * _brief_minutes(choice, known) / len(brief)) if section in brief else 0,
                work_seconds=_work(section, choice) if section in full else 0,
            )


def _work(section: nodes.section, choice: Choice) -> int:
    """The seconds in which the listeners work at a slide: told in brief, an exercise is shown and not done."""
    return 60 * (section.get("work") or 0) if choice.depth == "full" else 0


def _first_shown(sections: list[nodes.section]) -> nodes.section:
    return next((section for section in sections if section["depth"] != "brief"), sections[0])


def _first_of_last_segment(slides: list[Slide]) -> Slide | None:
    """The slide that the last one leads back to: where the deck's last segment begins."""
    told = [slide for slide in slides if slide.depth != "brief"]
    return next((slide for slide in told if slide.segment == told[-1].segment), None)


def _say_hand_over(section: nodes.section, text: str) -> None:
    """Say in the notes of a slide who goes on, and with what."""
    notes = section.next_node(speaker_notes)
    if notes is None:
        section += (notes := speaker_notes())
    notes += nodes.paragraph(text=text, classes=["hand-over"])


def _backups(builder: StandaloneHTMLBuilder, page: str, slides: list[Slide], known: dict[str, Segment]) -> Iterator[Backup]:
    first = {slide.segment: f"#/{slide.id}" for slide in reversed(slides) if slide.depth != "brief"}
    for question in read_questions(*question_tables(builder.env).values()).values():
        name = question.segment
        shown = (first.get(name) or _uri(builder, page, name), known[name].title) if name in known else None
        yield Backup(question, shown)


def _published(app: Sphinx, page: str) -> dict[str, str] | None:
    """The address of the deck's page on the published site, and its QR code as SVG; none where conf.py knows no address."""
    if not app.config.roadshow_address:
        return None
    folder = app.config.roadshow_address.rstrip("/")
    address = f"{folder}/{app.builder.get_target_uri(page)}"
    code = segno.make(address, error="m").svg_inline(border=4, dark="#000", light="#fff", omitsize=True)
    return {"address": address, "slides": f"{folder}/{app.builder.get_target_uri(slides_page(page))}", "code": code}


def _check_steps(section: nodes.section, page: str) -> None:
    code = section.next_node(nodes.literal_block)
    length = len(code.astext().splitlines()) if code else 0
    if section.get("steps") and max(map(int, re.findall(r"\d+", section["steps"]))) > length:
        message = "the steps %s reach beyond the first code of their slide, which has %d lines; name lines that it has"
        logger.warning(message, section["steps"], length, location=(page, section.line), type="roadshow", subtype="segment")


def _brief_minutes(choice: Choice, known: dict[str, Segment]) -> float:
    """The minutes of a line whose segment is cut to its brief depth, which some segments do not have."""
    told = minutes_of(choice, known)
    return min(told, known[choice.segment].minutes.get("brief", told))


def _uri(builder: StandaloneHTMLBuilder, page: str, segment: str) -> str:
    return builder.get_relative_uri(page, segment_page(builder.config.roadshow_segments, segment))


def _sections(builder: StandaloneHTMLBuilder, page: str, choice: Choice) -> list[nodes.section]:
    """The sections of a segment that are slides at this depth or, in full, at either; resolved as if they stood on the deck's page.

    Each has a `depth` if it is in one of two depths only.
    """
    source = segment_page(builder.config.roadshow_segments, choice.segment)
    document = builder.env.get_doctree(source)
    for section in slide_sections(document):
        section["depth"] = section.get("depth")
        if choice.depth == "brief" and section["depth"] == "full":
            section.parent.remove(section)
        elif choice.depth == "brief":
            section["depth"] = None
    for cell in document.findall(nodes.container):
        if "tag_solution" in cell["classes"]:
            # The site folds what an exercise asks for; the slide shows it, as it comes after the one with the task.
            cell.attributes.pop("hide_mode", None)
    for node in list(document.findall(_only_on_the_site)):
        node.parent.remove(node)
    for reference in document.findall(addnodes.pending_xref):
        reference["refdoc"] = page
    builder.env.resolve_references(document, page, builder)
    builder.imgpath = relative_uri(builder.get_target_uri(slides_page(page)), "_images")
    builder.post_process_images(document)
    for element in document.findall(nodes.Element):
        element["ids"] = [f"{choice.segment}-{name}" for name in element.get("ids", [])]
        if "refid" in element:
            element["refid"] = f"{choice.segment}-{element['refid']}"
    return slide_sections(document)


def _only_on_the_site(node: nodes.Node) -> bool:
    """Text for readers, and the source of a cell that is folded on the site or has to make room for its picture."""
    if isinstance(node, reader_text):
        return True
    if not isinstance(node, nodes.container) or node.get("nb_element") != "cell_code_source":
        return False
    return node.parent.get("hide_mode") in ("input", "input+output", "all") or _layout_of(node) == "picture"


def _layout_of(node: nodes.Node) -> str:
    while node is not None and not (isinstance(node, nodes.section) and "layout" in node):
        node = node.parent
    return node["layout"] if node is not None else "stack"


def _link_inside(section: nodes.section, targets: dict[str, str]) -> None:
    """Turn a link to a segment of the deck, or to another slide of it, into one that reveal.js follows."""
    for reference in section.findall(nodes.reference):
        slide = targets.get(reference.get("refuri", "").split("#")[0]) or reference.get("refid")
        if slide:
            reference["refuri"] = f"#/{slide}"
            reference.attributes.pop("refid", None)
