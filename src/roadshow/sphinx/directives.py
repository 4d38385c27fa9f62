"""The directives of a segment (`slide`, `notes`, `reader`), of a deck (`deck`), and of what fills slides from tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective

from roadshow import evidence, peers
from roadshow.deck import MINUTES_KEYS, Deck, parse_choices
from roadshow.sphinx.nodes import attempts, counter_evidence, reader_text, running_order, slide_options, speaker_notes
from roadshow.sphinx.parts import table
from roadshow.sphinx.words import words
from roadshow.visit import Visitor
from roadshow.visit_file import read_visit

LAYOUTS = ("stack", "split", "picture", "statement")
_STEPS = re.compile(r"\d+(-\d+)?(,\d+(-\d+)?)*(\|\d+(-\d+)?(,\d+(-\d+)?)*)+")


def _depth(argument: str) -> str:
    return directives.choice(argument, tuple(MINUTES_KEYS))


def _layout(argument: str) -> str:
    return directives.choice(argument, LAYOUTS)


def _steps(argument: str) -> str:
    if not _STEPS.fullmatch(argument := argument.replace(" ", "")):
        raise ValueError("write the lines of each step, such as 1-2|4|5-7")
    return argument


class SlideDirective(SphinxDirective):
    """Say of a section how it is shown: `depth` is `full` or `brief`; in both, unless said.

    `layout` is `stack`, one below the other, unless it is `split`, code beside output, `picture`, the output alone, or
    `statement`, a few big words. `steps` are lines of its code, lit in turn, such as `1-2|4|5-7`.

    `work` are the minutes of its segment, told in full, in which the listeners work at the slide and nobody speaks.
    """

    option_spec = {"depth": _depth, "layout": _layout, "steps": _steps, "work": directives.positive_int}

    def run(self) -> list[nodes.Node]:
        said = {"layout": "stack", **self.options}
        return [slide_options(**{name: said.get(name) for name in self.option_spec})]


class SlideOptionsTransform(SphinxTransform):
    """Move what a `slide` directive says to the section it stands in."""

    default_priority = 500

    def apply(self, **kwargs: object) -> None:
        for node in list(self.document.findall(slide_options)):
            if isinstance(node.parent, nodes.section):
                node.parent.attributes.update({name: node[name] for name in SlideDirective.option_spec})
            node.parent.remove(node)


class _Body(SphinxDirective):
    has_content = True
    node_class: type[nodes.Element]

    def run(self) -> list[nodes.Node]:
        self.assert_has_content()
        node = self.node_class()
        self.set_source_info(node)
        node += self.parse_content_to_nodes()
        return [node]


class NotesDirective(_Body):
    """What the speaker says; `private` notes stay out of a public build."""

    node_class = speaker_notes
    option_spec = {"private": directives.flag}

    def run(self) -> list[nodes.Node]:
        return [] if "private" in self.options and self.config.roadshow_public else super().run()


class ReaderDirective(_Body):
    """What only the site shows."""

    node_class = reader_text


class DeckDirective(SphinxDirective):
    """A deck: lines of ``segment depth speaker [minutes]`` for a `slot` in minutes.

    `cut-first` names the segments that fall to brief first where the deck has to be shorter, `never-cut` those that stay.
    """

    has_content = True
    option_spec = {"slot": directives.positive_int, "cut-first": str.split, "never-cut": str.split}

    def run(self) -> list[nodes.Node]:
        if "slot" not in self.options:
            raise self.error("the deck has no slot; add the option `:slot: 45`, the minutes that it may take")
        if "deck" in self.env.metadata[self.env.docname]:
            raise self.error("this page has a deck already; give each deck a page of its own")
        # MyST counts the offset of a directive's content from the directive's first line.
        choices, faults = parse_choices(self.content, self.lineno + self.content_offset + 1)
        order = (tuple(self.options.get(name, ())) for name in ("cut-first", "never-cut"))
        self.env.metadata[self.env.docname]["deck"] = Deck(self.options["slot"], choices, self.lineno, *order)
        self.env.metadata[self.env.docname]["deck_faults"] = faults
        for path in [*Path(__file__).parent.rglob("*.*"), visit_file(self.env), *question_tables(self.env).values()]:
            self.env.note_dependency(str(path))
        for choice in choices:
            self.env.note_dependency(self.env.doc2path(segment_page(self.config.roadshow_segments, choice.segment)))
        return [running_order()]


class AttemptsDirective(SphinxDirective):
    """How a listener repeats the demonstrations and tries to break them: on slides those of the deck, on the site all."""

    def run(self) -> list[nodes.Node]:
        for path in sorted(Path(self.env.srcdir, self.config.roadshow_segments).glob("*.md")):
            self.env.note_dependency(str(path))
        return [attempts()]


def segment_page(folder: str, name: str) -> str:
    """The page of the segment `name`."""
    return f"{folder}/{name}"


def visit_file(env: BuildEnvironment) -> Path:
    """The file of the visit that this build is for."""
    return Path(env.srcdir, env.config.roadshow_visit)


def question_tables(env: BuildEnvironment) -> dict[str, Path]:
    """The tables of questions that there are, by name; the backup slides answer them all."""
    return evidence.question_files(Path(env.srcdir, env.config.roadshow_evidence))


class SpeakersDirective(SphinxDirective):
    """The speakers of the visit, a card each."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(visit_file(self.env)))
        cards = nodes.container(classes=["speakers"])
        cards += [_card(speaker, words(self.env)) for speaker in read_visit(visit_file(self.env)).visitors.values()]
        return [cards]


def _card(speaker: Visitor, _: Callable[[str], str]) -> nodes.container:
    name = nodes.paragraph("", "", nodes.strong(text=_(speaker.name), support_smartquotes=False))
    line = nodes.paragraph(text=_(speaker.line), support_smartquotes=False)
    return nodes.container("", name, line, classes=["speaker", f"speaker-{speaker.key}"])


class _EvidenceDirective(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True

    def table(self, name: str) -> Path:
        path = Path(self.env.srcdir, self.config.roadshow_evidence, name)
        self.env.note_dependency(str(path))
        return path

    def adopters(self, *, own: bool = False) -> list[evidence.Adopter]:
        """The rows that the argument names, by id or as the nearest to the institution; its own among them only with `own`."""
        known = evidence.read_adopters(self.table("adopters.csv"))
        self.env.note_dependency(str(visit_file(self.env)))
        visit = read_visit(visit_file(self.env))
        house = visit.institution
        peer = peers.Peer(house.kind, house.region, (house.name, visit.called, *house.aliases))
        if places := _NEAREST.fullmatch(self.arguments[0]):
            first, last = map(int, places.groups())
            return peers.nearest(known.values(), peer, self.config.roadshow_tools)[first - 1 : last]
        for name in self.arguments[0].split():
            if name not in known:
                message = "write an id that is in its first column, or the nearest, such as: nearest 1-4"
                raise self.error(f"there is no row {name!r} in evidence/adopters.csv; {message}")
        return [known[name] for name in self.arguments[0].split() if own or not peer.is_named_in(known[name])]


_NEAREST = re.compile(r"nearest (\d+)-(\d+)")


class AdoptersDirective(_EvidenceDirective):
    """Rows of `adopters.csv` as a table: who, what, at which stage and when, and the source.

    A slide leaves the source to the link of the name, and with `short` the statement to the speaker: then it shows the tools only.
    With `spoken` they are sentences, for the speaker's notes.
    """

    option_spec = {"short": directives.flag, "spoken": directives.flag}

    def run(self) -> list[nodes.Node]:
        _ = words(self.env)
        if "spoken" in self.options:
            said = (f"{_(row.institution)} ({_(row.stage)}, {_(row.year)}): {_(row.statement)}" for row in self.adopters())
            return [nodes.bullet_list("", *(nodes.list_item("", nodes.paragraph(text=text)) for text in said))]
        rows = [
            [
                nodes.paragraph(
                    "", "", _source(nodes.strong(text=_(row.institution)), row.source_url), nodes.Text(f" {_(row.country)}")
                ),
                nodes.paragraph(text=_(row.statement)),
                nodes.paragraph(text=row.tools.replace(";", ",")),
                nodes.paragraph(text=f"{_(row.stage)}, {_(row.year)}" if row.year else _(row.stage)),
                nodes.paragraph("", "", _source(nodes.Text(row.source_title), row.source_url)),
            ]
            for row in self.adopters()
        ]
        shown = table([_("Who"), _("What they do"), _("With"), _("Stage"), _("Source")], rows, [3, 5, 2, 2, 3], "adopters")
        shown["classes"] += ["short"] if "short" in self.options else []
        for row in shown.findall(nodes.row):
            for entry, column in zip(row.children, ("who", "statement", "tools", "stage", "source"), strict=True):
                entry["classes"].append(column)
        return [shown]


def _source(text: nodes.Node, url: str) -> nodes.reference:
    return nodes.reference("", "", text, refuri=url)


class CounterEvidenceDirective(_EvidenceDirective):
    """What can be held against the rows of `adopters.csv` that are named, each with its source: to have ready, not to read out."""

    def run(self) -> list[nodes.Node]:
        _ = words(self.env)
        facts = evidence.read_counter_evidence(self.table("counter_evidence.csv"))
        rows = self.adopters(own=True)
        touching = evidence.counter_facts_for((row.id for row in rows), facts)
        items = nodes.bullet_list()
        for row in (row for row in rows if row.caveat):
            items += nodes.list_item("", nodes.paragraph(text=f"{_(row.institution)}: {_(row.caveat)}"))
        for fact in touching:
            source = nodes.reference("", fact.source_title, refuri=fact.source_url)
            said = [nodes.strong(text=_(fact.counter_fact)), nodes.Text(f" {_(fact.advice)} ("), source, nodes.Text(")")]
            items += nodes.list_item("", nodes.paragraph("", "", *said))
        ready = nodes.paragraph(text=_("Have ready, should somebody ask:"))
        return [counter_evidence("", ready, items)] if len(items) else []


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("slide", SlideDirective)
    app.add_directive("notes", NotesDirective)
    app.add_directive("reader", ReaderDirective)
    app.add_directive("deck", DeckDirective)
    app.add_directive("attempts", AttemptsDirective)
    app.add_directive("speakers", SpeakersDirective)
    app.add_directive("adopters", AdoptersDirective)
    app.add_directive("counter-evidence", CounterEvidenceDirective)
    app.add_transform(SlideOptionsTransform)
