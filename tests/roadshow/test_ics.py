"""The calendars of a visit, opened by another library than the one that wrote them."""

import os
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from ical.calendar_stream import IcsCalendarStream

from roadshow.ics import calendars, last_change, people
from roadshow.timeline import read_plan
from roadshow.visit_file import parse_visit, read_visit

ROOT = Path(__file__).parents[2]
CHANGED = datetime(2026, 11, 1, 12, tzinfo=UTC)
HEAD = """
[institution]
name = "An institution"
kind = "university"
country = "a country"
region = "Oceania"
city = "a city"
timezone = "{zone}"

[visit]
start = {day}
end = {day}

[visitors.one]
name = "Visitor one"
line = "Speaks."

[visitors.two]
name = "Visitor two"
line = "Listens."

[hosts.one]
name = "Host one"
group = "A group"

[hosts.none]
name = "Host none"
group = "A group"
"""
MEETING = """
[meetings.{name}]
step = 2
group = "{group}"
audience = "it"
start = {start}
minutes = {minutes}
"""


@pytest.fixture(scope="module")
def plan():
    return read_plan(ROOT / "guide" / "plan.toml")


def visit_of(*meetings, zone="Europe/London", day="2027-05-11"):
    visit, faults = parse_visit(HEAD.format(zone=zone, day=day) + "".join(meetings), Path("next.toml"))
    assert faults == []
    return visit


def meeting(start, minutes, name="it", group="IT", **more):
    lines = [f"{key} = {value}\n" for key, value in more.items()]
    return MEETING.format(name=name, group=group, start=start, minutes=minutes) + "".join(lines)


def opened(made, name="next.ics"):
    """The events of a calendar by UID, as the second parser reads them."""
    [calendar] = IcsCalendarStream.from_ics(made[name].decode()).calendars
    events = {event.uid: event for event in calendar.events}
    assert len(events) == len(calendar.events)
    return events


def seconds(event):
    """The start and the end of an event, in absolute time."""
    return event.start.timestamp(), event.end.timestamp()


LONDON, AUCKLAND, NEW_YORK = "Europe/London", "Pacific/Auckland", "America/New_York"


@pytest.mark.parametrize(
    ("zone", "start", "minutes", "utc"),
    [
        (LONDON, "2027-05-11T10:15:00", 60, "2027-05-11T09:15:00"),
        (AUCKLAND, "2027-01-20T09:00:00", 90, "2027-01-19T20:00:00"),
        # Across midnight.
        (LONDON, "2027-05-11T23:30:00", 120, "2027-05-11T22:30:00"),
        # Clocks go forward at 01:00 UTC in London and at 14:00 UTC the day before in Auckland: before, across, after.
        (LONDON, "2027-03-28T00:15:00", 30, "2027-03-28T00:15:00"),
        (LONDON, "2027-03-28T00:30:00", 60, "2027-03-28T00:30:00"),
        (LONDON, "2027-03-28T02:15:00", 30, "2027-03-28T01:15:00"),
        (AUCKLAND, "2027-09-26T01:30:00", 60, "2027-09-25T13:30:00"),
        (NEW_YORK, "2027-03-14T01:00:00", 180, "2027-03-14T06:00:00"),
        # Clocks go back: across, into the second of two equal hours, after.
        (LONDON, "2027-10-31T00:30:00", 180, "2027-10-30T23:30:00"),
        (LONDON, "2027-10-31T00:30:00", 60, "2027-10-30T23:30:00"),
        (LONDON, "2027-10-31T00:30:00", 90, "2027-10-30T23:30:00"),
        (LONDON, "2027-10-31T00:30:00", 120, "2027-10-30T23:30:00"),
        (LONDON, "2027-10-31T02:30:00", 60, "2027-10-31T02:30:00"),
        (AUCKLAND, "2027-04-04T01:30:00", 120, "2027-04-03T12:30:00"),
        ("Australia/Lord_Howe", "2027-04-04T01:00:00", 90, "2027-04-03T14:00:00"),
        ("Asia/Kolkata", "2027-04-04T09:00:00", 60, "2027-04-04T03:30:00"),
        ("Etc/UTC", "2027-04-04T09:00:00", 60, "2027-04-04T09:00:00"),
    ],
)
def test_a_meeting_is_at_its_time_in_the_second_parser(plan, zone, start, minutes, utc):
    made = calendars(visit_of(meeting(start, minutes), zone=zone, day=start[:10]), plan, CHANGED)
    begins = datetime.fromisoformat(utc).replace(tzinfo=UTC).timestamp()
    for name in ("next.ics", "people/one.ics", "meetings/it.ics"):
        event = opened(made, name)["it.next@roadshow"]
        assert seconds(event) == (begins, begins + 60 * minutes)
        assert event.start.replace(tzinfo=None) == datetime.fromisoformat(start)


def changes_in(content):
    """When the clock changes by the zone in a calendar, in UTC, and to which offset: as RFC 5545 has it in 3.6.5."""
    found = {}
    zone = content.decode().replace("\r\n ", "").split("BEGIN:VTIMEZONE")[1].split("END:VTIMEZONE")[0]
    for part in re.findall(r"BEGIN:(?:STANDARD|DAYLIGHT)(.*?)END:", zone, re.DOTALL):
        lines = dict(line.split(":", 1) for line in part.split())
        before, after = (datetime.strptime(lines[f"TZOFFSET{end}"], "%z").utcoffset() for end in ("FROM", "TO"))
        for reading in [lines["DTSTART"], *lines.get("RDATE", "").split(",")]:
            if reading and before != after:
                found[datetime.strptime(reading + "Z", "%Y%m%dT%H%M%S%z") - before] = after
    return found


@pytest.mark.parametrize(
    "zone", [LONDON, AUCKLAND, NEW_YORK, "Australia/Lord_Howe", "Europe/Dublin", "America/Santiago", "Asia/Tokyo"]
)
def test_the_zone_in_the_file_changes_when_the_zone_does(plan, zone):
    made = calendars(visit_of(meeting("2027-05-11T10:00:00", 60), zone=zone), plan, CHANGED)
    theirs = ZoneInfo(zone)
    hours = [datetime(2026, 5, 12, tzinfo=UTC) + timedelta(minutes=30 * step) for step in range(2 * 24 * 729)]
    offsets = [moment.astimezone(theirs).utcoffset() for moment in hours]
    changes = {moment: now for moment, before, now in zip(hours[1:], offsets, offsets[1:], strict=False) if before != now}
    assert changes_in(made["next.ics"]) == changes
    assert len(changes) == (0 if zone == "Asia/Tokyo" else 4)


def test_every_time_is_local_with_its_zone_unless_it_has_two_meanings(plan):
    made = calendars(visit_of(meeting("2027-10-31T00:30:00", 90), day="2027-10-31"), plan, CHANGED)["meetings/it.ics"].decode()
    assert "DTSTART;TZID=Europe/London:20271031T003000\r\n" in made
    assert "DTEND:20271031T010000Z\r\n" in made
    made = calendars(visit_of(meeting("2027-10-31T00:30:00", 180), day="2027-10-31"), plan, CHANGED)["meetings/it.ics"].decode()
    assert "DTEND;TZID=Europe/London:20271031T023000\r\n" in made


def test_an_update_replaces(plan):
    before = opened(calendars(visit_of(meeting("2027-05-11T10:15:00", 60, room='"A room"')), plan, CHANGED))
    later = visit_of(meeting("2027-05-11T15:00:00", 45, group="The department", room='"Another"', recorded="true"))
    after = opened(calendars(later, plan, CHANGED + timedelta(seconds=1)))
    assert before.keys() == after.keys() == {"next@roadshow", "it.next@roadshow"}
    old, new = before["it.next@roadshow"], after["it.next@roadshow"]
    assert new.sequence > old.sequence
    assert new.dtstamp > old.dtstamp
    assert new.last_modified > old.last_modified
    assert new.summary == "Talk to IT: The department"
    assert new.sequence < 2**31


def test_the_same_file_makes_the_same_calendars(plan, monkeypatch, tmp_path):
    file = tmp_path / "next.toml"
    file.write_text("", encoding="utf-8")
    os.utime(file, (1_800_000_000.7, 1_800_000_000.7))
    assert last_change(file) == datetime(2027, 1, 15, 8, tzinfo=UTC)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert last_change(file) == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    visit = visit_of(meeting("2027-05-11T10:15:00", 60))
    assert calendars(visit, plan, last_change(file)) == calendars(visit, plan, last_change(file))


def test_each_person_has_their_own_meetings_and_the_days(plan):
    visit = visit_of(
        meeting("2027-05-11T10:15:00", 60, visitors='["two"]', hosts='["one"]'),
        meeting("2027-05-11T14:00:00", 60, name="hpc"),
    )
    made = calendars(visit, plan, CHANGED)
    days = "next@roadshow"
    assert {name: set(opened(made, name)) for name in made} == {
        "next.ics": {days, "it.next@roadshow", "hpc.next@roadshow"},
        "people/one.ics": {days, "hpc.next@roadshow"},
        "people/two.ics": {days, "it.next@roadshow", "hpc.next@roadshow"},
        # A host whose table is called as a visitor's is.
        "people/one.host.ics": {days, "it.next@roadshow"},
        "people/none.ics": {days},
        "meetings/it.ics": {"it.next@roadshow"},
        "meetings/hpc.ics": {"hpc.next@roadshow"},
    }
    assert [person.file for person in people(visit)] == ["one", "two", "one.host", "none"]
    event = opened(made)[days]
    assert (event.start, event.end) == (date(2027, 5, 11), date(2027, 5, 12))


def test_an_event_says_why_where_who_and_whether_it_is_recorded(plan):
    visit = visit_of(
        meeting("2027-05-11T10:15:00", 60, room='"Room 1, wing; B"', deck='"it-first"', talk=45, first='"two"', recorded="true",
                hosts='["none"]', remarks='"Not for everybody"')
    )  # fmt: skip
    made = calendars(visit, plan, CHANGED)
    event = opened(made, "meetings/it.ics")["it.next@roadshow"]
    assert event.location == "Room 1, wing; B, An institution, a city"
    assert event.categories == ["Talk to IT", "Recorded"]
    assert event.description.splitlines() == [
        f"For the visitors: {plan.steps['2'].visitors}",
        f"For the hosts: {plan.steps['2'].hosts}",
        "Who: Visitor one, Visitor two, Host none; Visitor two first",
        "Deck: it-first, 45 minutes",
        "Recorded; whoever is seen or heard agrees in writing first.",
    ]
    assert b"Not for everybody" not in b"".join(made.values())


HOSTILE = "Te Pūnaha Ātea 気象庁 שירות \\\\n;,:<script>alert(1)</script>{{ 7*7 }} O'Brien BEGIN:VEVENT"


def test_any_script_and_any_length_comes_through(plan):
    room = HOSTILE.replace("\\\\", "\\") + "x" * 300
    visit = visit_of(meeting("2027-05-11T10:15:00", 60, group=HOSTILE, room=f'"{HOSTILE}{"x" * 300}"'))
    made = calendars(visit, plan, CHANGED)
    for name, content in made.items():
        assert max(len(line) for line in content.split(b"\r\n")) <= 75, name
    event = opened(made, "meetings/it.ics")["it.next@roadshow"]
    assert event.location == f"{room}, An institution, a city"
    assert event.summary == f"Talk to IT: {HOSTILE.replace(chr(92) * 2, chr(92))}"


@pytest.mark.parametrize("count", [0, 1, 40])
def test_no_meeting_one_and_forty(plan, count):
    starts = [datetime(2027, 5, 11, 8) + timedelta(minutes=10 * number) for number in range(count)]
    visit = visit_of(*(meeting(start.isoformat(), 10, name=f"m{number}") for number, start in enumerate(starts)))
    made = calendars(visit, plan, CHANGED)
    assert len(opened(made)) == count + 1
    assert len(made) == count + 1 + 4
    assert [len(opened(made, name)) for name in made if name.startswith("meetings/")] == [1] * count


def test_every_visit_of_the_project_has_calendars_that_open(plan):
    for path in sorted((ROOT / "visits").glob("*.toml")):
        visit = read_visit(path)
        events = opened(calendars(visit, plan, last_change(path)), f"{visit.name}.ics")
        for one in visit.timetable:
            begins = one.start.replace(tzinfo=ZoneInfo(visit.institution.timezone)).timestamp()
            assert seconds(events[f"{one.key}.{visit.name}@roadshow"]) == (begins, begins + 60 * one.minutes)
