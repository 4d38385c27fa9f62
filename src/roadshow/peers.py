"""Whom an institution would call like itself: the adopters that are a proof for it, the nearest first."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from roadshow.evidence import STAGES, Adopter, last_year


@dataclass(frozen=True)
class Peer:
    """An institution to find others like it: its kind and region, and the names by which a table may list it."""

    kind: str
    region: str
    names: tuple[str, ...]

    def is_named_in(self, row: Adopter) -> bool:
        """Whether a row is about itself, by one of its names, with or without words before or after it."""
        return any(_holds(row.institution, name) for name in self.names)


def nearest(adopters: Iterable[Adopter], peer: Peer, tools: Iterable[str] = ()) -> list[Adopter]:
    """The rows that are a proof for `peer`, the nearest first, one for each institution.

    Its kind comes first, then its region, then the stage (operational before prototype), then the year (recent before old).
    Nobody is a proof to themselves; and what ended, is only planned, or is written there without a word of its use, is none.

    Args:
        adopters: the rows.
        peer: the institution.
        tools: only rows with one of these tools; all rows where none is named.
    """
    asked = set(tools)
    rows = [row for row in adopters if row.stage not in NO_PROOF and not peer.is_named_in(row)]
    rows = [row for row in rows if not asked or any(_holds(row.tools, tool) for tool in asked)]
    rows.sort(key=lambda row: (*_distance(row, peer), STAGES.index(row.stage), -last_year(row.year), row.id))
    chosen: list[Adopter] = []
    for row in rows:
        if not any(_holds(row.institution, other.institution) or _holds(other.institution, row.institution) for other in chosen):
            chosen.append(row)
    return chosen


NO_PROOF = ("planned", "development", "ended")
_NEXT_KIND = {
    "weather service": {"climate or weather centre", "government science agency"},
    "climate or weather centre": {"weather service", "university"},
    "space agency": {"government science agency", "climate or weather centre"},
    "HPC centre": {"national laboratory", "climate or weather centre"},
    "national laboratory": {"HPC centre", "government science agency"},
    "government science agency": {"national laboratory", "space agency"},
    "university": {"climate or weather centre", "national laboratory"},
    "company": set(),
}
"""The kinds that each kind would call like itself, should there be no further ones of its own."""


def _distance(row: Adopter, peer: Peer) -> tuple[int, bool]:
    kind = 0 if row.kind == peer.kind else 1 if row.kind in _NEXT_KIND.get(peer.kind, ()) else 2
    return kind, row.region != peer.region


def _holds(text: str, name: str) -> bool:
    """Whether a name stands in a text, letter case, accents and signs aside."""
    return bool(_words(name)) and f" {_words(name)} " in f" {_words(text)} "


def _words(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter))
    return " ".join(kept.split())
