"""What a visit was to change, measured before and after: one table beside the visit's file, a row for each goal."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

MOMENTS = {"2_weeks": 2, "3_months": 13, "6_months": 26, "12_months": 52}
"""When each measure is due, in weeks from the visit's last day."""
COLUMNS = ["goal", "measured", "by", "baseline", *MOMENTS, "remarks"]
FEWEST = 5
"""A smaller count is not published: among few, a figure says who."""

DRAFT = """goal,measured,by,baseline,2_weeks,3_months,6_months,12_months,remarks
Pull requests from the hosts,"opened by people of the institution in the four weeks before, in all the projects",maintainer,,,,,,
People still active,"people of the institution who opened, reviewed or answered anything in the four weeks before",maintainer,,,,,,
Deployments,"systems in which somebody other than its author depends on the tools, as IT counts them",ally,,,,,,
Hours saved a month,"as stated by the teams themselves, asked with the same question each time",ally,,,,,,
"""


class FollowUpError(Exception):
    """A table that cannot be used; the message names, for each fault, the file, the line, the column and the mend."""


@dataclass(frozen=True)
class Goal:
    """A goal: how it is measured, by whom, its value before the visit, and at each moment after it; None where none was noted."""

    goal: str
    measured: str
    by: str
    baseline: float | None
    values: dict[str, float | None]
    remarks: str
    line: int


@dataclass(frozen=True)
class Due:
    """A measure that is not there yet: of which goal, at which moment, by which day; the baseline is due when the visit begins."""

    goal: Goal
    moment: str
    day: date


def follow_up_file(visit: Path) -> Path:
    """Where the table of a visit is: beside its file."""
    return visit.with_suffix(".follow-up.csv")


def read_follow_up(path: Path) -> list[Goal]:
    """Read the table at `path`.

    Raises:
        FollowUpError: it cannot be read or has faults; the message lists all of them.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, restkey="", restval="", strict=True)
            rows = [(table.line_num, row) for row in table]
            head = table.fieldnames or []
    except UnicodeDecodeError as error:
        raise FollowUpError(f"{path}: not in UTF-8 ({error.reason}); save it as CSV UTF-8") from None
    except csv.Error as error:
        raise FollowUpError(f"{path}:{table.line_num + 1}: not valid CSV ({error}); look for a lone quote mark") from None
    except OSError as error:
        raise FollowUpError(f"{path}: cannot be read ({error.strerror})") from None
    faults = [f"{path}:1: {name}: the column is missing; add it to the first line" for name in COLUMNS if name not in head]
    goals = []
    for line, row in [] if faults else rows:
        if "" in row:
            faults.append(f"{path}:{line}: cells are left over; put a cell that holds a comma between double quotes")
        for name in ("goal", "measured", "by"):
            if not row[name].strip():
                faults.append(f"{path}:{line}: {name}: it is empty; fill it in")
        values = {}
        for name in ("baseline", *MOMENTS):
            try:
                values[name] = _number(row[name])
            except ValueError:
                faults.append(f"{path}:{line}: {name}: {row[name]!r} is no number from 0 on; write one, or leave it empty")
        if not faults:
            text = {name: row[name].strip() for name in ("goal", "measured", "by", "remarks")}
            goals.append(Goal(**text, baseline=values.pop("baseline"), values=values, line=line))
    if not faults and not goals:
        faults.append(f"{path}: there are no goals; write a row for each, or remove the file and let a draft be written")
    if faults:
        raise FollowUpError("\n".join(faults))
    return goals


def _number(text: str) -> float | None:
    if not text.strip():
        return None
    number = float(text)
    if not 0 <= number < float("inf"):
        raise ValueError
    return number


def missing(goals: list[Goal], first: date, last: date) -> list[Due]:
    """The measures that are not noted yet, in the order of their days.

    Args:
        goals: the rows.
        first: the visit's first day, by which the baseline is due.
        last: its last day, from which the others count.
    """
    days = {"baseline": first, **{name: last + timedelta(weeks=weeks) for name, weeks in MOMENTS.items()}}
    found = [
        Due(goal, name, day)
        for goal in goals
        for name, day in days.items()
        if (goal.baseline if name == "baseline" else goal.values[name]) is None
    ]
    return sorted(found, key=lambda due: due.day)


def in_words(moment: str) -> str:
    """A column's name as people say it."""
    return moment.replace("_", " ")


def published(value: float | None) -> str:
    """A value as the report shows it: whole where it is, a dash where there is none, and no small count."""
    if value is None:
        return "–"
    return f"fewer than {FEWEST}" if 0 < value < FEWEST else f"{value:,g}"
