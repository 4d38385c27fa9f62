"""A visit: which institution, when, and who speaks. One TOML file a visit."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class VisitError(Exception):
    """A visit file that cannot be used; the message names the file, the place and the mend."""


@dataclass(frozen=True)
class Speaker:
    """One of the two who speak: `key` is the name that decks use, such as ``maintainer``."""

    key: str
    name: str
    line: str


@dataclass(frozen=True)
class Visit:
    """What the slides need to know of a visit; `date` is free text, as it stands on the title slide."""

    institution: str
    date: str
    speakers: Mapping[str, Speaker]


def read_visit(path: Path) -> Visit:
    """Read the visit file at `path`.

    Raises:
        VisitError: the file is missing, is not TOML, or lacks something that the slides need.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise VisitError(f"{path}: there is no such visit file; copy visits/neutral.toml and fill it in") from None
    except tomllib.TOMLDecodeError as error:
        raise VisitError(f"{path}: not valid TOML: {error}") from None
    speakers = _table(path, data, "speakers")
    if not speakers:
        raise VisitError(f"{path}: nobody speaks; add a table [speakers.maintainer] with a name and a line")
    return Visit(
        institution=_text(path, data, "institution", "name"),
        date=_text(path, data, "visit", "date"),
        speakers={
            key: Speaker(key, _text(path, speakers, key, "name", "speakers."), _text(path, speakers, key, "line", "speakers."))
            for key in speakers
        },
    )


def _table(path: Path, data: Mapping[str, Any], name: str, prefix: str = "") -> Mapping[str, Any]:
    table = data.get(name)
    if not isinstance(table, dict):
        raise VisitError(f"{path}: the table [{prefix}{name}] is missing; see visits/neutral.toml for its keys")
    return table


def _text(path: Path, data: Mapping[str, Any], table: str, key: str, prefix: str = "") -> str:
    value = _table(path, data, table, prefix).get(key)
    if not isinstance(value, str):
        raise VisitError(f'{path}: [{prefix}{table}] needs a text for "{key}"; add a line such as {key} = "…"')
    return value
