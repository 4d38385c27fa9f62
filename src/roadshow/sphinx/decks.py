"""Check the decks once every page is read, and write each one's running order on its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from roadshow.deck import Deck, Fault, Segment, check, minutes_of, read_segment, total_minutes, work_minutes
from roadshow.fitting import CannotFit, Fitted, fit
from roadshow.lines import line_of
from roadshow.review import talk_faults
from roadshow.sphinx.directives import segment_page, visit_file
from roadshow.sphinx.nodes import attempts, counter_evidence, running_order, speaker_notes, transcript
from roadshow.sphinx.parts import table
from roadshow.sphinx.words import words
from roadshow.visit import Meeting
from roadshow.visit_file import read_visit

logger = logging.getLogger(__name__)


def decks(env: BuildEnvironment) -> dict[str, Deck]:
    """The deck of each page that has one, by page."""
    return {page: data["deck"] for page, data in sorted(env.metadata.items()) if "deck" in data}


@dataclass(frozen=True)
class Talk:
    """A deck as it is told once: on the page `slides`, fitted to the minutes of a meeting where the visit has one for it."""

    page: str
    slides: str
    fitted: Fitted
    meeting: Meeting | None


def talks(env: BuildEnvironment) -> list[Talk]:
    """Every deck, as often as it is told: for the first meeting that has it beside its page, for each further one after that."""
    visit, known = read_visit(visit_file(env)), segments(env)
    found = []
    for page, deck in decks(env).items():
        meetings = [meeting for meeting in visit.timetable if meeting.deck == deck_name(page)]
        for place, meeting in enumerate(meetings or [None]):
            slides = f"{page}-for-{meeting.key}-slides" if meeting and place else slides_page(page)
            try:
                found.append(Talk(page, slides, _fitted(deck, known, meeting), meeting))
            except CannotFit:
                continue  # `check_all` has said so.
    return found


def _fitted(deck: Deck, known: Mapping[str, Segment], meeting: Meeting | None) -> Fitted:
    if meeting is None:
        return Fitted(deck, total_minutes(deck, known))
    return fit(deck, known, meeting.talk or meeting.minutes, meeting.drop)


def deck_name(page: str) -> str:
    """The name of the deck on a page, by which a visit and a command speak of it."""
    return page.rsplit("/", 1)[-1]


def slides_page(page: str) -> str:
    """The page that holds the slides of the deck on `page`; it stands beside it, so that links hold in both."""
    return f"{page}-slides"


def segments(env: BuildEnvironment) -> dict[str, Segment]:
    """Every segment that there is, by name."""
    folder = env.config.roadshow_segments + "/"
    pages = sorted(page for page in env.found_docs if page.startswith(folder))
    read = {page: read_segment(Path(env.doc2path(page)).read_text(encoding="utf-8")) for page in pages}
    return {page.removeprefix(folder): replace(segment, title=env.titles[page].astext()) for page, segment in read.items()}


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
    file = visit_file(env)
    text = file.read_text(encoding="utf-8-sig")
    for wrong in talk_faults(read_visit(file), {deck_name(page): deck for page, deck in decks(env).items()}, segments(env)):
        line = line_of(text, wrong.where)
        logger.warning(wrong.message, location=f"{file.relative_to(app.srcdir)}:{line}", type="roadshow", subtype="visit")
    for talk in talks(env):
        if talk.meeting:
            logger.info("%s at [meetings.%s]: %s", deck_name(talk.page), talk.meeting.key, talk.fitted)


def write_running_orders(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the running order and the button that opens the slides in the place kept for them. (`doctree-resolved`.)"""
    for place in list(doctree.findall(running_order)):
        told = [talk for talk in talks(app.env) if talk.page == page]
        if not told:
            place.parent.remove(place)
            continue
        deck = told[0].fitted.deck
        place.replace_self([*(_button(app, talk) for talk in told), _order(app, page, deck), transcript("", *_said(app, deck))])


def write_attempts(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """List what a listener may run and try to break: of the page's deck or, on any other, of all. (`doctree-resolved`.)"""
    for place in list(doctree.findall(attempts)):
        known, deck, _ = segments(app.env), decks(app.env).get(page), words(app.env)
        names = [choice.segment for choice in deck.choices] if deck else sorted(known)
        rows: list[list[nodes.Node]] = [
            [nodes.paragraph("", "", nodes.literal(text=name)), nodes.paragraph(text=_(known[name].attempt))]
            for name in names
            if name in known and known[name].attempt
        ]
        place.replace_self(table(["roadshow run …", _("Then try to break it")], rows, [1, 2], "attempts") if rows else [])


def _button(app: Sphinx, talk: Talk) -> nodes.Node:
    _ = words(app.env)
    link = nodes.reference("", _("Open the slides"), refuri=f"{deck_name(talk.slides)}.html", classes=["open-slides"])
    said = (
        _(" for {group}: {fitted}").format(group=talk.meeting.group, fitted=talk.fitted)
        if talk.meeting and talk.fitted.changed
        else ""
    )
    return nodes.paragraph("", "", link, nodes.Text(said))


def _order(app: Sphinx, page: str, deck: Deck) -> nodes.table:
    known, _ = segments(app.env), words(app.env)
    speakers = read_visit(visit_file(app.env)).visitors
    rows = []
    for choice in (choice for choice in deck.choices if choice.segment in known):
        uri = app.builder.get_relative_uri(page, segment_page(app.config.roadshow_segments, choice.segment))
        link = nodes.reference("", known[choice.segment].title, refuri=uri, internal=True)
        who = _(speakers[choice.speaker].name) if choice.speaker in speakers else choice.speaker
        rows.append([nodes.paragraph("", "", link), *_texts(_(choice.depth), who, f"{minutes_of(choice, known):g}")])
    total = total_minutes(deck, known)
    work = work_minutes(deck, known)
    sums = {_("Spoken"): total - work, **({_("At work"): work} if work else {}), _("Left for questions"): deck.slot - total}
    rows += [[nodes.paragraph("", "", nodes.strong(text=what)), *_texts("", "", f"{minutes:g}")] for what, minutes in sums.items()]
    return table([_("Segment"), _("Depth"), _("Speaker"), _("Minutes")], rows, [6, 2, 3, 2], "running-order")


def _said(app: Sphinx, deck: Deck) -> Iterator[nodes.Node]:
    """What is said on each slide of a deck, under the slide's title and its speaker's name."""
    speakers, _ = read_visit(visit_file(app.env)).visitors, words(app.env)
    for choice in deck.choices:
        source = segment_page(app.config.roadshow_segments, choice.segment)
        if source not in app.env.found_docs or choice.speaker not in speakers:
            continue
        sections = slide_sections(app.env.get_doctree(source))
        for section in (section for section in sections if section.get("depth") in (None, choice.depth)):
            title = section.next_node(nodes.title).astext()
            yield nodes.rubric("", f"{title} ({_(speakers[choice.speaker].name)})", **{"heading-level": 3})
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
