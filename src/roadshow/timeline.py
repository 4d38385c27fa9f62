"""What the playbook says of every visit: its steps, its audiences, and the weeks before and after, with the dates of one visit."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, zip_longest
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from roadshow.evidence import Question
from roadshow.lines import line_of
from roadshow.visit import MONTHS, Audience, Meeting, Visit


class PlanError(Exception):
    """A plan that cannot be used; the message names, for each fault, the file, the line and the mend."""


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Tables = list[Annotated[str, StringConstraints(pattern=r"^(it|science|exec)(\.\w+)?$")]]
"""Tables of questions by name, or a group of one: ``it.security``."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Step(_Table):
    """A step of the playbook: its page in the guide, what each side wants of it, what to have ready."""

    title: Line
    page: Line
    visitors: Line
    hosts: Line
    questions: Tables
    checklist: list[Line] = Field(min_length=4, max_length=7)


class People(_Table):
    """An audience: who they are, and what they ask."""

    who: Line
    questions: Tables


class Task(_Table):
    """What somebody does in a week, counted from the visit; `owner` is a role, `letter` one that goes out for it."""

    week: int = Field(ge=-8, le=52)
    owner: Line
    what: Line
    letter: Line | None = None


class Takeaways(_Table):
    """What each side takes away."""

    visitors: list[Line] = Field(min_length=1)
    hosts: list[Line] = Field(min_length=1)


class Plan(_Table):
    """What the playbook says of every visit."""

    steps: dict[Literal["1", "2", "3", "4", "5", "6", "7"], Step] = Field(min_length=7)
    audiences: dict[Audience, People]
    countdown: list[Task]
    takeaways: Takeaways

    def step(self, meeting: Meeting) -> Step:
        """The step that a meeting is."""
        return self.steps[str(meeting.step)]  # type: ignore[index]

    def title(self, meeting: Meeting) -> str:
        """What a meeting is called: the step, and whom one meets."""
        return f"{self.step(meeting).title}: {meeting.group}"

    def questions(self, meeting: Meeting) -> Tables:
        """The tables whose questions to expect: those of the audience, else those of the step."""
        audience = self.audiences.get(meeting.audience)
        return audience.questions if audience else self.step(meeting).questions


def read_plan(path: Path) -> Plan:
    """Read the plan at `path`.

    Raises:
        PlanError: the file is missing, is not TOML, or does not say what a plan has to say; the message lists all faults.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise PlanError(f"{path}: there is no such plan; the page of a visit is made of it, so put the file back") from None
    except UnicodeDecodeError as error:
        raise PlanError(f"{path}: not in UTF-8 ({error.reason}); save it as UTF-8") from None
    try:
        return Plan.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise PlanError(f"{path}:{line[1] if line else len(text.splitlines())}: not valid TOML: {error}; mend that line") from None
    except ValidationError as error:
        faults = sorted((line_of(text, one["loc"]), _fault(one)) for one in error.errors(include_url=False))
        raise PlanError("\n".join(f"{path}:{line}: {message}" for line, message in faults)) from None


def _fault(error: Any) -> str:
    where = ".".join(str(key) for key in error["loc"] if key != "[key]")
    match error["type"]:
        case "missing":
            return f"{where} is missing; add it"
        case "extra_forbidden":
            return f"{where} is a key that no plan has; take it out, or mend its name"
        case "too_short" | "too_long":
            return f"{where} has {len(error['input'])} entries; {_small(error['msg'])}"
        case _:
            return f"{where} is {error['input']!r}; {_small(error['msg'])}"


def _small(message: str) -> str:
    return message[0].lower() + message[1:]


@dataclass(frozen=True)
class Week:
    """A week of the countdown: how far from the visit, the day that dates it, and what is done by whom."""

    number: int
    day: date
    tasks: tuple[Task, ...]


def countdown(plan: Plan, visit: Visit) -> list[Week]:
    """The weeks before, of and after a visit in which something is done, in their order."""
    numbers = sorted({task.week for task in plan.countdown})
    return [
        Week(number, day_of(number, visit), tuple(task for task in plan.countdown if task.week == number)) for number in numbers
    ]


def day_of(week: int, visit: Visit) -> date:
    """The day that dates a week, counted from the visit.

    Before the visit it is a Monday, on which a week's work begins: so many weeks before that of the visit's first day. The week
    of the visit has its first day. After the visit it is the day by which to be done: so many weeks, to the day, from the last.
    """
    first, last = visit.visit.start, visit.visit.end
    if week < 0:
        return first - timedelta(days=first.weekday()) + timedelta(weeks=week)
    return last + timedelta(weeks=week) if week else first


WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def in_words(day: date) -> str:
    """A day in words: Tuesday 11 May 2027."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def expected(names: Iterable[str], tables: Mapping[str, Iterable[Question]], most: int = 6) -> list[Question]:
    """The questions to expect: of each table or group that is named one in turn, until there are enough.

    Args:
        names: tables, or groups of them such as ``it.security``.
        tables: the questions of each table that there is; a table that is not there is passed over.
        most: how many are enough.

    Raises:
        PlanError: a table has no such group.
    """
    piles = [_pile(name, tables) for name in names]
    in_turn = chain.from_iterable(zip_longest(*piles))
    return list({question.id: question for question in in_turn if question}.values())[:most]


def _pile(name: str, tables: Mapping[str, Iterable[Question]]) -> list[Question]:
    table, _, group = name.partition(".")
    rows = list(tables.get(table, ()))
    pile = [question for question in rows if group in ("", question.group)]
    if rows and not pile:
        groups = ", ".join(dict.fromkeys(question.group for question in rows))
        raise PlanError(f"the plan names the questions {name!r}, and that table has no such group; it has {groups}")
    return pile
