"""A visit as calendars (RFC 5545): the whole of it, one for each person, one for each meeting."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from icalendar import Calendar, Event, Timezone

from roadshow.timeline import Plan
from roadshow.visit import Host, Meeting, Visit, Visitor

_COUNT_FROM = datetime(2020, 1, 1, tzinfo=UTC)
"""From here SEQUENCE counts seconds: it may not exceed 2**31 - 1."""


@dataclass(frozen=True)
class Person:
    """Somebody who takes part, with the name of their calendar and the meetings at which they are."""

    file: str
    table: Visitor | Host
    meetings: tuple[Meeting, ...]


def people(visit: Visit) -> list[Person]:
    """The visitors, then the hosts. A host whose table has the name of a visitor's gets a calendar of another name."""
    visitors = [
        Person(key, visitor, tuple(meeting for meeting in visit.timetable if key in visit.present(meeting)))
        for key, visitor in visit.visitors.items()
    ]
    hosts = [
        Person(f"{key}.host" if key in visit.visitors else key, host, tuple(one for one in visit.timetable if key in one.hosts))
        for key, host in visit.hosts.items()
    ]
    return [*visitors, *hosts]


def calendars(visit: Visit, plan: Plan, changed: datetime) -> dict[str, bytes]:
    """Every calendar of a visit, by its path: ``<visit>.ics``, ``people/<key>.ics`` and ``meetings/<key>.ics``.

    The UID of a meeting is made of the names of its table and of the visit's file: it stays when the meeting moves, so that a
    calendar that is taken in again replaces what it brought before.

    Args:
        visit: the visit.
        plan: what the playbook says of its steps.
        changed: when the visit's file was changed, with a time zone: what is newer replaces what is older.
    """
    whole = _whole(visit, changed)
    events = {meeting.key: _event(visit, plan, meeting, changed) for meeting in visit.timetable}
    made = {f"{visit.name}.ics": _calendar(visit, visit.called, [whole, *events.values()])}
    for person in people(visit):
        own = [whole, *(events[meeting.key] for meeting in person.meetings)]
        made[f"people/{person.file}.ics"] = _calendar(visit, f"{visit.called}: {person.table.name}", own)
    for meeting in visit.timetable:
        made[f"meetings/{meeting.key}.ics"] = _calendar(visit, plan.title(meeting), [events[meeting.key]])
    return made


def last_change(path: Path) -> datetime:
    """When a file was changed, in UTC and to the second; where SOURCE_DATE_EPOCH is set, what that says."""
    stated = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(stated) if stated else int(path.stat().st_mtime), UTC)


def _calendar(visit: Visit, name: str, events: Iterable[Event]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//roadshow//visit//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", visit.institution.timezone)
    for event in events:
        calendar.add_component(event)
    # A year more on each side: a calendar that moves a meeting by itself finds its clock changes too.
    first, last = visit.visit.start, visit.visit.end
    calendar.add_missing_timezones(first - timedelta(days=366), last + timedelta(days=366))
    for zone in calendar.timezones:
        _mend_onsets(zone)
    return calendar.to_ical()


def _mend_onsets(zone: Timezone) -> None:
    """Let summer time begin when it does: RFC 5545, 3.6.5, wants the clock's reading before the change; icalendar has that after.

    Where clocks go back, the two agree.
    """
    for part in zone.subcomponents:
        leap = max(timedelta(0), part.TZOFFSETTO - part.TZOFFSETFROM)
        part.DTSTART -= leap
        if "RDATE" in part:
            later = [one.dt - leap for one in part.pop("RDATE").dts]
            part.add("RDATE", later)


def _whole(visit: Visit, changed: datetime) -> Event:
    """The days of the visit, which leave the hours free."""
    event = _stamped(visit.name, changed)
    event.add("summary", f"Visit: {visit.called}")
    event.add("location", _place(visit))
    event.add("transp", "TRANSPARENT")
    event.add("dtstart", visit.visit.start)
    event.add("dtend", _next(visit.visit.end))
    return event


def _event(visit: Visit, plan: Plan, meeting: Meeting, changed: datetime) -> Event:
    event = _stamped(f"{meeting.key}.{visit.name}", changed)
    start, end = visit.span(meeting)
    event.add("summary", plan.title(meeting))
    event.add("location", _place(visit, meeting.place))
    event.add("description", "\n".join(_description(visit, plan, meeting)))
    event.add("categories", [plan.step(meeting).title, *(["Recorded"] if meeting.recorded else [])])
    event.add("dtstart", start)
    # The hour that a clock change repeats has one local name for two times, and that name means the first of them.
    event.add("dtend", end.astimezone(UTC) if end.fold else end)
    return event


def _stamped(name: str, changed: datetime) -> Event:
    event = Event()
    event.add("uid", f"{name}@roadshow")
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("sequence", max(0, int((changed - _COUNT_FROM).total_seconds())))
    return event


def _place(visit: Visit, room: str | None = None) -> str:
    return ", ".join(part for part in (room, visit.called, visit.institution.city) if part)


def _description(visit: Visit, plan: Plan, meeting: Meeting) -> list[str]:
    step = plan.step(meeting)
    first = f"; {visit.visitors[meeting.first].name} first" if meeting.first else ""
    there = [*(visit.visitors[key].name for key in visit.present(meeting)), *(visit.hosts[key].name for key in meeting.hosts)]
    return [
        f"For the visitors: {step.visitors}",
        f"For the hosts: {step.hosts}",
        f"Who: {', '.join(there)}{first}",
        *([f"Deck: {meeting.deck}, {meeting.talk or meeting.minutes} minutes"] if meeting.deck else []),
        recording(visit, meeting),
    ]


def recording(visit: Visit, meeting: Meeting) -> str:
    """Whether a meeting is recorded, and what the house asks for then."""
    if not meeting.recorded:
        return "Not recorded."
    return "Recorded; whoever is seen or heard agrees in writing first." if visit.rules.recording_consent else "Recorded."


def _next(day: date) -> date:
    return day + timedelta(days=1)
