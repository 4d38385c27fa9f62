"""On which line of a TOML file a key stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence

type Place = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)(.+?)\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([^#=\[\]{}]+?)\s*=")


def line_of(text: str, where: Sequence[str | int]) -> int:
    """The line of a key by its place in the tables, such as ``("meetings", "it", "room")``; else of what it would stand in.

    A key inside an inline table, and an entry of an array, has the line on which that begins.
    """
    best, found = -1, 1
    for place, line in _places(text):
        depth = next((index for index, (a, b) in enumerate(zip(place, where, strict=False)) if a != b), min(len(place), len(where)))
        if depth == len(place) and depth > best:
            best, found = depth, line
    return found


def _places(text: str) -> Iterator[tuple[Place, int]]:
    table: Place = ()
    counts: dict[Place, int] = {}
    closing = None
    for number, line in enumerate(text.splitlines(), 1):
        if closing:
            closing = None if closing in line else closing
            continue
        header, key = _HEADER.match(line), _KEY.match(line)
        if header and (place := _keys(header[2])):
            if header[1] == "[[":
                counts[place] = counts.get(place, -1) + 1
                place = (*place, counts[place])
            table = place
            yield table, number
        elif key and (place := _keys(key[1])):
            yield (*table, *place), number
            closing = next((mark for mark in ('"""', "'''") if line.count(mark) == 1), None)


def _keys(text: str) -> Place:
    """The parts of a dotted key, without quotes; none where it is no key."""
    try:
        value = tomllib.loads(f"{text} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    keys: list[str] = []
    while isinstance(value, dict):
        ((key, value),) = value.items()
        keys.append(key)
    return tuple(keys)
