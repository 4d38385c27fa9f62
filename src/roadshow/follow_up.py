"""What a visit was to change, measured before and after: one table beside the visit's file, a row for each goal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from roadshow.csv_table import TableError, columns_missing, left_over, load

MOMENTS = {"2_weeks": 2, "3_months": 13, "6_months": 26, "12_months": 52}
"""When each measure is due, in weeks from the visit's last day."""
COLUMNS = ["goal", "measured", "by", "baseline", *MOMENTS, "remarks"]
FEWEST = 5
"""A smaller count is not published: among few, a figure says who."""

DRAFT = """goal,measured,by,baseline,2_weeks,3_months,6_months,12_months,remarks
Pull requests from the hosts,"opened or reviewed upstream by people of the house in the three months before",maintainer,,,,,,
People still active,"people of the house who opened, reviewed or answered anything in those months",maintainer,,,,,,
Deployments,"environments or services that IT lists",ally,,,,,,
Hours saved a month,"as stated by the teams themselves, asked with the same question each time",ally,,,,,,
Hours that it costs IT,"as the service desk counts them, in those months; this one may get worse",IT lead,,,,,,
"""


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
        TableError: it cannot be read or has faults; the message lists all of them.
    """
    head, rows = load(path, "write one with: roadshow follow-up")
    faults = columns_missing(path, head, COLUMNS)
    goals = []
    for line, row in [] if faults else rows:
        faults += [f"{path}:{line}: {fault}" for fault in left_over(row)]
        faults += [f"{path}:{line}: {name}: it is empty; fill it in" for name in ("goal", "measured", "by") if not row[name]]
        values = {}
        for name in ("baseline", *MOMENTS):
            try:
                values[name] = _number(row[name])
            except ValueError:
                faults.append(f"{path}:{line}: {name}: {row[name]!r} is no number from 0 on; write one, or leave it empty")
        if not faults:
            text = {name: row[name] for name in ("goal", "measured", "by", "remarks")}
            goals.append(Goal(**text, baseline=values.pop("baseline"), values=values, line=line))
    if not faults and not goals:
        faults.append(f"{path}: there are no goals; write a row for each, or remove the file and let a draft be written")
    if faults:
        raise TableError("\n".join(faults))
    return goals


def _number(text: str) -> float | None:
    if not text:
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
