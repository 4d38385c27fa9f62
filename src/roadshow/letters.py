"""The letters and sheets of a visit: one Jinja template each, filled in as text to paste and as Markdown to print."""

from __future__ import annotations

import re
import traceback
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from itertools import groupby
from pathlib import Path

import yaml
from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment
from markdown_it import MarkdownIt
from mdit_py_plugins.tasklists import tasklists_plugin
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from roadshow.deck import read_decks, read_segments
from roadshow.timeline import day_of, in_words
from roadshow.visit import Host, Meeting, Visit, Visitor

SUFFIX = ".md.jinja"


class LetterError(Exception):
    """A letter that cannot be written; the message names the template, the line and the mend."""


class Front(BaseModel):
    """What a template states of its letter: a title, to whom, how many weeks after the visit (before: < 0), and if on paper."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    title: str
    to: str
    week: int = Field(ge=-8, le=52)
    paper: bool


@dataclass(frozen=True)
class Letter:
    """A letter or sheet of one visit.

    `left_out` says why the visit needs none; `text` and `html` are then empty. `html`, to be printed, is also empty for what is
    not on paper. `day` is by when it goes out, by `timeline.day_of`.
    """

    name: str
    title: str
    to: str
    week: int
    day: date
    paper: bool
    text: str = ""
    html: str = ""
    left_out: str = ""


@dataclass(frozen=True)
class Slot:
    """A meeting in words: its day, from when to when, who is there (who speaks first, first), and the title of its talk."""

    meeting: Meeting
    day: str
    hours: str
    visitors: list[Visitor]
    hosts: list[Host]
    talk: str | None


@dataclass(frozen=True)
class Day:
    """The meetings of one day."""

    day: str
    slots: list[Slot]


@dataclass(frozen=True)
class Facts:
    """What a template can use: the visit, its meetings in words, and the pronouns of one visitor or of several.

    `inviting` are the hosts of the first step, else all; `on` is a day in words by its week, as `timeline.day_of` counts;
    `leave_out` ends a letter that the visit does not need, with the reason.
    """

    visit: Visit
    dates: str
    inviting: list[Host]
    days: list[Day]
    slots: list[Slot]
    allies: list[Slot]
    it: list[Slot]
    broad: list[Slot]
    groups: list[Slot]
    lab: list[Slot]
    plans: list[Slot]
    evenings: list[Slot]
    executives: list[Slot]
    recorded: list[Slot]
    we: str
    us: str
    our: str
    on: Callable[[int], str]
    leave_out: Callable[[str], str]


class _LeftOut(Exception):  # noqa: N818 - no error: the visit has no need of the letter
    pass


def letters(visit: Visit, folder: Path, talks: Path) -> list[Letter]:
    """Every letter of a visit, in the order in which they go out.

    Args:
        visit: the visit.
        folder: where the templates are, ``<name>.md.jinja``; a name that begins with ``_`` is a part of others.
        talks: where the pages of the decks are, for the titles of the talks.

    Raises:
        LetterError: there are no templates, one cannot be filled in, or a meeting shows a deck that has no page.
    """
    paths = sorted(path for path in folder.glob(f"*{SUFFIX}") if not path.name.startswith("_"))
    if not paths:
        raise LetterError(f"{folder}: there are no letters in this folder; run the command in the project's folder")
    pages = read_segments(talks)
    filled = facts(visit, {deck: pages[deck].title for deck in read_decks(talks)})
    written = [_letter(path, filled) for path in paths]
    return sorted(written, key=lambda letter: (letter.week, letter.name))


def facts(visit: Visit, titles: dict[str, str]) -> Facts:
    """What the templates can use of a visit; `titles` are those of the talks, by the name of their deck.

    Raises:
        LetterError: a meeting shows a deck that has no title.
    """
    slots = [_slot(visit, meeting, titles) for meeting in visit.timetable]
    steps = {step: [slot for slot in slots if slot.meeting.step == step] for step in range(1, 8)}
    start, end = visit.visit.start, visit.visit.end
    first = in_words(start).removesuffix(f" {end.year}")
    welcoming = {key for slot in steps[1] for key in slot.meeting.hosts}
    several = len(visit.visitors) > 1
    return Facts(
        visit=visit,
        dates=in_words(end) if start == end else f"{first} to {in_words(end)}",
        inviting=[host for key, host in visit.hosts.items() if key in welcoming] or list(visit.hosts.values()),
        days=[Day(day, list(those)) for day, those in groupby(slots, lambda slot: slot.day)],
        slots=slots,
        allies=steps[1],
        it=steps[2],
        broad=steps[3],
        groups=steps[4],
        lab=steps[5],
        plans=steps[6],
        evenings=steps[7],
        executives=[slot for slot in slots if slot.meeting.audience == "executives" and slot.meeting.step != 3],
        recorded=[slot for slot in slots if slot.meeting.recorded],
        we="we" if several else "I",
        us="us" if several else "me",
        our="our" if several else "my",
        on=lambda week: in_words(day_of(week, visit)),
        leave_out=_leave_out,
    )


def _slot(visit: Visit, meeting: Meeting, titles: dict[str, str]) -> Slot:
    if meeting.deck is not None and meeting.deck not in titles:
        wrong = f"[meetings.{meeting.key}] shows the deck {meeting.deck!r}, which has no page"
        raise LetterError(f"{visit.name}.toml: {wrong}; write one of: {', '.join(titles) or 'none'}")
    start, end = visit.span(meeting)
    there = visit.present(meeting)
    until = "" if start.date() == end.date() else f"{in_words(end.date())}, "
    return Slot(
        meeting=meeting,
        day=in_words(start.date()),
        hours=f"{start:%H:%M}–{until}{end:%H:%M}",
        # A letter names somebody, though nobody should be said to be there yet.
        visitors=[visit.visitors[key] for key in sorted(there or visit.visitors, key=lambda key: key != meeting.first)],
        hosts=[visit.hosts[key] for key in meeting.hosts],
        talk=titles[meeting.deck] if meeting.deck else None,
    )


def _leave_out(why: str) -> str:
    raise _LeftOut(why)


def _letter(path: Path, filled: Facts) -> Letter:
    front = _front(path)
    blank = Letter(path.name.removesuffix(SUFFIX), day=day_of(front.week, filled.visit), **front.model_dump())
    try:
        text = _rendered(path, filled, isolated)
        return replace(blank, text=text, html=print_html(_rendered(path, filled, escaped)) if front.paper else "")
    except _LeftOut as why:
        return replace(blank, left_out=str(why))


_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)


def _front(path: Path) -> Front:
    stated = _FRONT.match(path.read_text(encoding="utf-8"))
    if not stated:
        raise LetterError(f"{path}:1: there is no front matter; begin with --- and the keys {', '.join(Front.model_fields)}")
    try:
        return Front.model_validate(yaml.safe_load(stated[1]))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise LetterError(f"{path}:{mark.line + 2 if mark else 1}: the front matter is not valid YAML; mend that line") from None
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg'].lower()}" for one in error.errors())
        raise LetterError(f"{path}:1: the front matter is wrong: {told}") from None


def environment(folder: Path, shown: Callable[[object], object]) -> SandboxedEnvironment:
    """Where templates are filled in; `shown` makes what stands in the letter of a value, and no value is evaluated again."""
    made = SandboxedEnvironment(
        loader=FileSystemLoader(folder), undefined=StrictUndefined, finalize=shown, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= FILTERS
    return made


def _rendered(path: Path, filled: Facts, shown: Callable[[object], object]) -> str:
    try:
        template = environment(path.parent, shown).get_template(path.name)
        text = template.render({field.name: getattr(filled, field.name) for field in fields(filled)})
    except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise LetterError(f"{_place(path, error)}: {error}; mend the template") from error
    return re.sub(r"\n{3,}", "\n\n", _FRONT.sub("", text)).strip() + "\n"


def _place(path: Path, error: Exception) -> str:
    """The file and the line of a template at which filling it in failed: the innermost one, if one is part of another."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or path}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    return next((f"{frame.filename}:{frame.lineno}" for frame in reversed(frames) if frame.filename.endswith(".jinja")), str(path))


_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def isolated(value: object) -> object:
    """A value as it stands in a text: on one line, and kept together where it runs from right to left.

    Raises:
        TemplateError: there is no value.
    """
    if value is None:
        raise TemplateError("a field that this visit leaves empty is printed; put an if around it")
    if not isinstance(value, str):
        return value
    line = re.sub(r"\s*\n\s*", " ", value)
    backward = any(unicodedata.bidirectional(letter) in {"R", "AL", "RLE", "RLO", "RLI"} for letter in line)
    return f"\u2068{line}\u2069" if backward and "\u2068" not in line else line


def escaped(value: object) -> object:
    """A value as it stands in Markdown: as `isolated`, and none of it is markup."""
    line = isolated(value)
    return _PUNCTUATION.sub(r"\\\1", line) if isinstance(line, str) else line


def print_html(markdown: str) -> str:
    """The HTML of a sheet: CommonMark with task lists, and no HTML of its own."""
    return str(MarkdownIt("commonmark", {"html": False}).use(tasklists_plugin).render(markdown))


def _names(people: Iterable[Visitor | Host]) -> str:
    """The names of some people: A, B and C."""
    *most, last = [str(isolated(person.name)) for person in people]
    return f"{', '.join(most)} and {last}" if most else last


def _dear(people: list[Host]) -> str:
    """How a letter to some people begins."""
    if not people:
        return "Dear colleagues,"
    return f"Dear {_names(people)}," if len(people) <= 3 else "Dear all,"


def _sentence(text: str) -> str:
    """A text with a full stop, unless it ends a sentence already."""
    return text if text.endswith((".", "!", "?", "…", "。", "！", "？")) else f"{text}."


FILTERS: dict[str, Callable[..., str]] = {"names": _names, "dear": _dear, "sentence": _sentence}
"""What the templates can do with people and with a text."""
