"""A deck: which segments, in which order and depth, who speaks, and whether it fits its slot."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

MINUTES_KEYS = {"full": "minutes", "brief": "brief"}
"""The depths, each with the key of a segment's front matter that states its minutes."""


@dataclass(frozen=True)
class Choice:
    """One line of a deck: a segment with the depth it is told in, who tells it, and where the line stands."""

    segment: str
    depth: str
    speaker: str
    minutes: float | None
    line: int


@dataclass(frozen=True)
class Deck:
    """A selection of segments for a slot of `slot` minutes.

    Where it has to be shorter, the segments of `cut_first` fall to their brief depth first, in that order; those of
    `never_cut` are told in any case.
    """

    slot: float
    choices: tuple[Choice, ...]
    line: int
    cut_first: tuple[str, ...] = ()
    never_cut: tuple[str, ...] = ()


@dataclass(frozen=True)
class Segment:
    """What a deck has to know of a segment: its title and, by depth, its minutes and the terms that it introduces and needs.

    `attempt` is what a listener may do to break what its cells show. Of the minutes in full, the listeners work for `work`
    and nobody speaks; told in brief, an exercise is shown and not done.
    """

    title: str
    minutes: Mapping[str, float]
    introduces: Mapping[str, frozenset[str]] = field(default_factory=dict)
    needs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    attempt: str = ""
    work: float = 0


@dataclass(frozen=True)
class Fault:
    """Something wrong with a deck, at a line of its file, with the mend."""

    line: int
    message: str


def parse_choices(lines: Sequence[str], first_line: int) -> tuple[tuple[Choice, ...], list[Fault]]:
    """Read the lines of a deck: ``segment depth speaker [minutes]`` each; blank ones and ``# …`` are passed over."""
    choices, faults = [], []
    for number, text in enumerate(lines, first_line):
        words = text.split("#", 1)[0].split()
        if not words:
            continue
        try:
            segment, depth, speaker, *rest = words
            minutes = float(rest.pop(0)) if rest else None
            if rest or (minutes is not None and not minutes > 0):
                raise ValueError
        except ValueError:
            faults.append(Fault(number, f"cannot read {text.strip()!r}; write: segment depth speaker [minutes]"))
        else:
            choices.append(Choice(segment, depth, speaker, minutes, number))
    return tuple(choices), faults


def minutes_of(choice: Choice, segments: Mapping[str, Segment]) -> float:
    """The minutes of one line: its own, else those that the segment states for that depth (0 where it states none)."""
    if choice.minutes is not None:
        return choice.minutes
    segment = segments.get(choice.segment)
    return segment.minutes.get(choice.depth, 0) if segment else 0


def total_minutes(deck: Deck, segments: Mapping[str, Segment]) -> float:
    """The minutes of the whole deck."""
    return sum(minutes_of(choice, segments) for choice in deck.choices)


def work_minutes(deck: Deck, segments: Mapping[str, Segment]) -> float:
    """The minutes of a deck in which the listeners work and nobody speaks."""
    return sum(segments[choice.segment].work for choice in deck.choices if choice.depth == "full" and choice.segment in segments)


def check(deck: Deck, segments: Mapping[str, Segment], speakers: Iterable[str]) -> list[Fault]:
    """All that is wrong with a deck, in the order of its lines.

    Args:
        deck: the deck.
        segments: every segment that there is, by name.
        speakers: the speakers that the visit names.
    """
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    speakers = list(speakers)
    for choice in deck.choices:
        first = seen.setdefault(choice.segment, choice.line)
        if first != choice.line:
            message = f"the segment {choice.segment!r} stands on line {first} already; drop one of the two"
            faults.append(Fault(choice.line, message))
        faults += [Fault(choice.line, message) for message in _wrong_with(choice, segments, speakers)]
    total = total_minutes(deck, segments)
    if not deck.choices:
        faults.append(Fault(deck.line, "the deck has no segments; add a line: segment depth speaker [minutes]"))
    elif total > deck.slot:
        mend = "tell a segment in its brief depth, drop one, or widen the slot"
        faults.append(Fault(deck.line, f"the deck takes {total:g} minutes and its slot is {deck.slot:g}; {mend}"))
    for option, names in (("cut-first", deck.cut_first), ("never-cut", deck.never_cut)):
        for name in names:
            if name not in seen:
                faults.append(Fault(deck.line, f"`:{option}:` names {name!r}, which the deck does not tell{_nearest(name, seen)}"))
    if both := set(deck.cut_first) & set(deck.never_cut):
        faults.append(Fault(deck.line, f"{', '.join(sorted(both))}: cut first or never cut? Take it out of one of the two"))
    return [*faults, *_terms_too_late(deck, segments)]


def terms_too_late(choices: Iterable[Choice], segments: Mapping[str, Segment]) -> Iterator[tuple[Choice, str]]:
    """Each line of a deck with each term that it needs and that neither it nor a line before it introduces."""
    known: set[str] = set()
    for choice in choices:
        if choice.segment in segments:
            segment = segments[choice.segment]
            known |= segment.introduces.get(choice.depth, frozenset())
            yield from ((choice, term) for term in sorted(segment.needs.get(choice.depth, frozenset()) - known))


def told(choice: Choice, depth: str) -> Choice:
    """The same line at another depth, for the minutes that its segment states."""
    return choice if choice.depth == depth else replace(choice, depth=depth, minutes=None)


def _terms_too_late(deck: Deck, segments: Mapping[str, Segment]) -> Iterator[Fault]:
    """The terms that come too late in the deck as it stands; and in its short version, where every line falls to brief."""
    late = {(choice.line, term): (choice, "") for choice, term in terms_too_late(deck.choices, segments)}
    short = [told(choice, "brief") for choice in deck.choices]
    for choice, term in terms_too_late(short, segments):
        late.setdefault((choice.line, term), (choice, ", when all is told in brief,"))
    for (line, term), (choice, when) in late.items():
        at = [other.line for other in deck.choices if term in _introduced(other, segments)]
        elsewhere = [name for name, segment in segments.items() if any(term in terms for terms in segment.introduces.values())]
        if at:
            mend = f"line {at[0]} does{'' if at[0] > line else ' in full only'}: tell that first"
        elif elsewhere:
            mend = f"{elsewhere[0]} does: take that into the deck before it"
        else:
            mend = "no segment does: add `introduces` to the front matter of the one that explains it"
        yield Fault(line, f"{choice.segment}{when} needs the term {term!r}, which nothing before it introduces; {mend}")


def _introduced(choice: Choice, segments: Mapping[str, Segment]) -> frozenset[str]:
    known = segments.get(choice.segment)
    return frozenset().union(*known.introduces.values()) if known else frozenset()


def _wrong_with(choice: Choice, segments: Mapping[str, Segment], speakers: list[str]) -> Iterable[str]:
    if choice.segment not in segments:
        yield f"there is no segment {choice.segment!r}{_nearest(choice.segment, segments)}"
    if choice.depth not in MINUTES_KEYS:
        yield f"unknown depth {choice.depth!r}; a segment is told {' or '.join(MINUTES_KEYS)}"
    elif choice.segment in segments and not choice.minutes and choice.depth not in segments[choice.segment].minutes:
        mend = f"add `{MINUTES_KEYS[choice.depth]}: 3`, say, to its front matter"
        yield f"the segment {choice.segment!r} states no minutes for its {choice.depth} depth; {mend}"
    elif choice.depth == "full" and choice.segment in segments and segments[choice.segment].work >= minutes_of(choice, segments):
        all_of_it = f"all of its {minutes_of(choice, segments):g} minutes"
        yield f"at {choice.segment!r} the listeners work for {all_of_it}; leave some to speak"
    if choice.speaker not in speakers:
        named = ", ".join(sorted(speakers))
        yield f"unknown speaker {choice.speaker!r}{_nearest(choice.speaker, speakers)}; the visit names {named}"


def _nearest(name: str, names: Iterable[str]) -> str:
    match = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {match[0]!r}?" if match else ""


_FENCE = re.compile(r"^(`{3,}|:{3,})\{deck\}\n((?::[^\n]*\n)*)(.*?)^\1", re.MULTILINE | re.DOTALL)
_FRONT = re.compile(r"\A---\n(.*?)^---$", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r"^# +(.+?)\s*$", re.MULTILINE)
_WORK = re.compile(r"^:work: *(\d+) *$", re.MULTILINE)
_POSITIVE = re.compile(r"(?=.*[1-9])\d+(\.\d+)?")


def segments_named_in(markdown: str) -> set[str]:
    """The names of the segments that the decks in a Markdown page list, without building the page."""
    return {choice.segment for fence in _FENCE.finditer(markdown) for choice in parse_choices(fence[3].splitlines(), 0)[0]}


def read_deck(markdown: str) -> Deck | None:
    """The deck of a Markdown page, without building the page; none where it has none."""
    fence = _FENCE.search(markdown)
    if fence is None:
        return None
    options = {name: value for name, _, value in (line[1:].partition(":") for line in fence[2].splitlines())}
    first = markdown[: fence.start(3)].count("\n") + 1
    slot = options.get("slot", "").strip()
    order = (tuple(options.get(name, "").split()) for name in ("cut-first", "never-cut"))
    return Deck(float(slot) if _POSITIVE.fullmatch(slot) else 0, parse_choices(fence[3].splitlines(), first)[0], first, *order)


def read_decks(folder: Path) -> dict[str, Deck]:
    """Every deck in a folder of Markdown pages, by name, without building the pages."""
    decks = {path.stem: read_deck(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.md"))}
    return {name: deck for name, deck in decks.items() if deck}


def read_segments(folder: Path) -> dict[str, Segment]:
    """Every segment in a folder of Markdown pages, by name, without building the pages."""
    return {path.stem: read_segment(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.md"))}


@cache
def read_segment(markdown: str) -> Segment:
    """A segment out of its page: the title, and what its front matter states by depth.

    `introduces` and `needs` hold for both depths, `introduces-in-full` and `needs-in-full` for the full one alone.
    """
    front, title = _FRONT.match(markdown), _TITLE.search(markdown)
    try:
        stated = yaml.safe_load(front[1]) if front else {}
    except yaml.YAMLError:
        stated = {}
    stated = stated if isinstance(stated, dict) else {}
    minutes = {depth: str(stated.get(key)) for depth, key in MINUTES_KEYS.items()}
    return Segment(
        title[1] if title else "",
        {depth: float(number) for depth, number in minutes.items() if _POSITIVE.fullmatch(number)},
        _terms(stated, "introduces"),
        _terms(stated, "needs"),
        str(stated.get("try", "")),
        sum(map(float, _WORK.findall(markdown))),
    )


def _terms(stated: Mapping[str, Any], key: str) -> dict[str, frozenset[str]]:
    both, full = (
        frozenset([value] if isinstance(value, str) else map(str, value if isinstance(value, list) else []))
        for value in (stated.get(key), stated.get(f"{key}-in-full"))
    )
    return {"full": both | full, "brief": both}
