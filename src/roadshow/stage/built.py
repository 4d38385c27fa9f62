"""The decks of a built site, and their slides as they stand in the file."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from roadshow.stage import StageError

SUFFIX = "-slides.html"
_SPOKEN = "aside.notes :is(p, li):not(.hand-over, .counter-evidence *, :has(p))"


@dataclass(frozen=True)
class BuiltDeck:
    """A deck in the built site: its name and the file of its slides."""

    name: str
    path: Path


@dataclass(frozen=True)
class BuiltSlide:
    """A slide of the flow, with what the speaker says on it (a paragraph a line) in the seconds that it is given.

    In the last `work` seconds of them the listeners work, and nobody speaks.
    """

    id: str
    title: str
    speaker: str
    seconds: int
    notes: tuple[str, ...]
    work: int = 0


def find_all(site: Path) -> dict[str, BuiltDeck]:
    """Every deck in the built site, by name.

    Raises:
        StageError: nothing is built in that folder.
    """
    found = {path.name.removesuffix(SUFFIX): path for path in sorted(site.rglob(f"*{SUFFIX}"))}
    if not found:
        raise StageError(f"{site}: there are no decks in this folder; build them first: make site")
    return {name: BuiltDeck(name, path) for name, path in found.items()}


def find(site: Path, name: str) -> BuiltDeck:
    """The deck `name` in the built site.

    Raises:
        StageError: there is no such deck, or nothing is built.
    """
    decks = find_all(site)
    if name not in decks:
        nearest = difflib.get_close_matches(name, decks, n=1, cutoff=0.4)
        meant = f"did you mean {nearest[0]!r}?" if nearest else f"there are {', '.join(decks)}"
        raise StageError(f"there is no deck {name!r}; {meant}")
    return decks[name]


def read_slides(deck: BuiltDeck) -> list[BuiltSlide]:
    """The slides that the deck shows one after the other, without its backup slides and those of its short version only."""
    html = BeautifulSoup(deck.path.read_text(encoding="utf-8"), "html.parser")
    sections = html.select(".slides > section:not([data-visibility=uncounted])")
    return [_slide(section) for section in sections]


def _slide(section: Tag) -> BuiltSlide:
    title = section.find(["h1", "h2"])
    return BuiltSlide(
        id=str(section["id"]),
        title=" ".join(title.get_text().split()) if title else "",
        speaker=str(section.get("data-speaker-name", "")),
        seconds=int(str(section.get("data-timing", "0"))),
        notes=tuple(" ".join(block.get_text().split()) for block in section.select(_SPOKEN)),
        work=int(str(section.get("data-work", "0"))),
    )
