"""Fit a deck to the minutes that there are: what falls to brief, what rises to full, what would have to go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from roadshow.deck import Choice, Deck, Segment, minutes_of, terms_too_late, told, total_minutes


class CannotFit(Exception):  # noqa: N818  it reads as what it is
    """A deck that no choice of depths brings into the minutes; the message says what to drop, or why nothing helps."""


@dataclass(frozen=True)
class Fitted:
    """A deck for other minutes, with the segments whose depth changed, and those that were left out, in the order of the cuts."""

    deck: Deck
    minutes: float
    to_brief: tuple[str, ...] = ()
    to_full: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether it differs from the deck that was fitted."""
        return bool(self.to_brief or self.to_full or self.dropped)

    def __str__(self) -> str:
        parts = [f"{self.minutes:g} of {self.deck.slot:g} minutes"]
        parts += [f"in brief: {', '.join(self.to_brief)}"] if self.to_brief else []
        parts += [f"in full: {', '.join(self.to_full)}"] if self.to_full else []
        parts += [f"left out: {', '.join(self.dropped)}"] if self.dropped else []
        return "; ".join(parts)


def fit(deck: Deck, segments: Mapping[str, Segment], minutes: float, drop: Iterable[str] = (), *, may_drop: bool = False) -> Fitted:
    """The deck for a slot of so many minutes.

    Where it is too long, segments fall to their brief depth in the order that the deck states: those of `cut_first`, then the
    others from the last to the first, those of `never_cut` at the end. Where there is more time than in its own slot, they
    rise to full in the opposite order, as long as the same share of the slot stays free. No step is taken that would leave a
    term without its introduction.

    Args:
        deck: a deck without faults.
        segments: every segment that there is, by name.
        minutes: the slot.
        drop: segments that are left out from the start.
        may_drop: whether segments may be left out, in the same order, when all are brief; else that is for a person to say.

    Raises:
        CannotFit: it is too long all the same.
    """
    gone = tuple(name for name in drop if any(choice.segment == name for choice in deck.choices))
    kept = [choice for choice in deck.choices if choice.segment not in gone]
    fitted = replace(deck, slot=minutes, choices=tuple(kept))
    order = order_of_cuts(fitted)
    changed: list[str] = []

    def step(names: Iterable[str], depth: str | None, limit: float) -> bool:
        """Take the first step that is allowed; say whether there was one."""
        nonlocal fitted
        for name in names:
            choices = tuple(_stepped(fitted.choices, name, depth, segments))
            after = replace(fitted, choices=choices)
            if choices != fitted.choices and total_minutes(after, segments) <= limit and not _worse(after, fitted, segments):
                fitted = after
                changed.append(name)
                return True
        return False

    while total_minutes(fitted, segments) > minutes and step(order, "brief", total_minutes(fitted, segments)):
        pass
    to_brief, changed = tuple(changed), []
    may_go = [name for name in order if name not in deck.never_cut]
    while may_drop and total_minutes(fitted, segments) > minutes and step(may_go, None, total_minutes(fitted, segments)):
        pass
    gone, changed = (*gone, *changed), []
    if total_minutes(fitted, segments) > minutes:
        raise CannotFit(_why_not(fitted, segments, minutes, asked=may_drop))
    if minutes > deck.slot:
        room = minutes * min(1, total_minutes(deck, segments) / deck.slot)
        while step(reversed(order), "full", room):
            pass
    to_brief = tuple(name for name in to_brief if name not in gone)
    return Fitted(fitted, total_minutes(fitted, segments), to_brief, tuple(changed), gone)


def order_of_cuts(deck: Deck) -> list[str]:
    """The segments of a deck in the order in which they are cut."""
    told = [choice.segment for choice in deck.choices]
    first = [name for name in deck.cut_first if name in told]
    others = [name for name in reversed(told) if name not in deck.cut_first and name not in deck.never_cut]
    return [*first, *others, *(name for name in reversed(told) if name in deck.never_cut)]


def _stepped(choices: Iterable[Choice], name: str, depth: str | None, segments: Mapping[str, Segment]) -> Iterator[Choice]:
    """The lines of a deck with one of them at another depth, where its segment has that, or without it."""
    for choice in choices:
        if choice.segment != name or (depth is not None and depth not in segments[name].minutes):
            yield choice
        elif depth is not None:
            yield told(choice, depth)


def _worse(after: Deck, before: Deck, segments: Mapping[str, Segment]) -> bool:
    """Whether more terms come too late than before."""
    late = {(choice.segment, term) for choice, term in terms_too_late(before.choices, segments)}
    return any((choice.segment, term) not in late for choice, term in terms_too_late(after.choices, segments))


def _why_not(deck: Deck, segments: Mapping[str, Segment], minutes: float, *, asked: bool) -> str:
    shortest = total_minutes(deck, segments)
    if asked:
        held = ", ".join(f"{choice.segment} ({minutes_of(choice, segments):g})" for choice in deck.choices)
        return f"{minutes:g} minutes are too few: what must not be cut takes {shortest:g}: {held}"
    try:
        best = fit(deck, segments, minutes, may_drop=True)
    except CannotFit as error:
        return str(error)
    names = ", ".join(f'"{name}"' for name in best.dropped)
    return f"told in brief it still takes {shortest:g} of {minutes:g} minutes; leave out: drop = [{names}]"
