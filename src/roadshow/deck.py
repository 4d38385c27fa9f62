"""A deck: which segments, in which order and depth, who speaks, and whether it fits its slot."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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
    """A selection of segments for a slot of `slot` minutes."""

    slot: float
    choices: tuple[Choice, ...]
    line: int


@dataclass(frozen=True)
class Segment:
    """What a deck has to know of a segment: its title and its minutes by depth."""

    title: str
    minutes: Mapping[str, float]


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
    return faults


def _wrong_with(choice: Choice, segments: Mapping[str, Segment], speakers: list[str]) -> Iterable[str]:
    if choice.segment not in segments:
        yield f"there is no segment {choice.segment!r}{_nearest(choice.segment, segments)}"
    if choice.depth not in MINUTES_KEYS:
        yield f"unknown depth {choice.depth!r}; a segment is told {' or '.join(MINUTES_KEYS)}"
    elif choice.segment in segments and not choice.minutes and choice.depth not in segments[choice.segment].minutes:
        mend = f"add `{MINUTES_KEYS[choice.depth]}: 3`, say, to its front matter"
        yield f"the segment {choice.segment!r} states no minutes for its {choice.depth} depth; {mend}"
    if choice.speaker not in speakers:
        named = ", ".join(sorted(speakers))
        yield f"unknown speaker {choice.speaker!r}{_nearest(choice.speaker, speakers)}; the visit names {named}"


def _nearest(name: str, names: Iterable[str]) -> str:
    match = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {match[0]!r}?" if match else ""


_FENCE = re.compile(r"^(`{3,}|:{3,})\{deck\}\n(.*?)^\1", re.MULTILINE | re.DOTALL)


def segments_named_in(markdown: str) -> set[str]:
    """The names of the segments that the decks in a Markdown page list, without building the page."""
    return {choice.segment for fence in _FENCE.finditer(markdown) for choice in parse_choices(fence[2].splitlines(), 0)[0]}
