"""What is wrong, or unwise, in the plan of a visit: said all at once, each with the key that it is about."""

from __future__ import annotations

import difflib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from glob import iglob
from itertools import chain, combinations
from pathlib import Path

from roadshow.deck import Deck, Segment
from roadshow.fitting import CannotFit, fit
from roadshow.visit import Cluster, Meeting, Visit
from roadshow.visit_file import VisitFault

LONGEST_WITHOUT_BREAK = timedelta(hours=4)
SHORTEST_BREAK = timedelta(minutes=15)
IT, BROAD, SMALL, MAINTAINERS = 2, 3, 4, 5
"""Steps of the playbook."""


def review(visit: Visit, decks: Mapping[str, Deck], segments: Mapping[str, Segment], today: date) -> list[VisitFault]:
    """All that is wrong or unwise in a visit.

    Args:
        visit: the visit.
        decks: every deck that there is, by name.
        segments: every segment that there is, by name.
        today: the day from which dates are past.
    """
    return [
        *talk_faults(visit, decks, segments),
        *_clashes(visit),
        *_clock_changes(visit),
        *_days(visit, today),
        *_breaks(visit),
        *_order(visit),
    ]


def talk_faults(visit: Visit, decks: Mapping[str, Deck], segments: Mapping[str, Segment]) -> Iterator[VisitFault]:
    """Decks that are not there, segments to drop that they do not tell, and talks longer than their slot."""
    for meeting in visit.timetable:
        where = ("meetings", meeting.key)
        if meeting.talk and meeting.talk > meeting.minutes:
            message = (
                f"the talk takes {meeting.talk} minutes and the meeting has {meeting.minutes}; shorten the one or widen the other"
            )
            yield VisitFault((*where, "talk"), message)
        if meeting.deck is None:
            if meeting.drop:
                yield VisitFault((*where, "drop"), f"[meetings.{meeting.key}] drops segments and shows no deck; name one")
            continue
        if meeting.deck not in decks:
            near = difflib.get_close_matches(meeting.deck, decks, n=1)
            there = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(decks)}"
            yield VisitFault((*where, "deck"), f"there is no deck {meeting.deck!r}; {there}")
            continue
        deck = decks[meeting.deck]
        lost = [name for name in meeting.drop if name not in {choice.segment for choice in deck.choices}]
        if lost:
            yield VisitFault((*where, "drop"), f"{meeting.deck} does not tell {', '.join(lost)}; take the name out of drop")
        for name in sorted({choice.speaker for choice in deck.choices} - set(visit.present(meeting))):
            message = (
                f"{meeting.deck} gives lines to the {name}, who is not at [meetings.{meeting.key}]; add the name to its visitors"
            )
            yield VisitFault((*where, "visitors" if meeting.visitors else "deck"), message, warning=True)
        first = deck.choices[0].speaker if deck.choices else None
        if meeting.first and first and meeting.first != first:
            message = f"in {meeting.deck} the {first} speaks first, not the {meeting.first}; mend this, or choose another deck"
            yield VisitFault((*where, "first"), message, warning=True)
        try:
            fit(deck, segments, meeting.talk or meeting.minutes, meeting.drop)
        except CannotFit as error:
            yield VisitFault((*where, "deck"), f"{meeting.deck} at [meetings.{meeting.key}]: {error}")


def reaches_out(visit: Visit, root: Path) -> Iterator[VisitFault]:
    """What a visit file makes a build do beyond reading the project at `root`: for files of one's own, or read before, only.

    Data may lie anywhere, and behind an address or the links of a path too. A cluster's classes, their options and Dask's
    configuration start programs of any name, and whoever answers at an address can send code to run.
    """
    mend = "if this file is yours, or you have read it, say TRUST=1 where you build (roadshow check: --trust)"
    for key, data in visit.data.items():
        if data.path is not None and not _is_inside(data.path, root):
            yield VisitFault(("data", key, "path"), f"[data.{key}] reads {data.path}, which is outside the project; {mend}")
        if data.url is not None:
            yield VisitFault(("data", key, "url"), f"[data.{key}] fetches {data.url}; {mend}")
    if visit.cluster != Cluster():
        yield VisitFault(("cluster",), f"[cluster] connects to a cluster, or starts one, which can run any code; {mend}")


def _is_inside(pattern: str, root: Path) -> bool:
    """Whether a path, and each that it matches as a pattern, leads into a folder, with links followed."""
    places = chain([pattern], iglob(pattern, root_dir=root))
    return all(Path(os.path.realpath(root / place)).is_relative_to(root.resolve()) for place in places)


def data_faults(visit: Visit, root: Path) -> list[VisitFault]:
    """What the project's catalogue finds wrong with the visit's data; it is run, since it knows nothing of visits."""
    if not visit.data or not (root / "examples" / "catalogue.py").exists():
        return []
    overlay = json.dumps({name: data.model_dump() for name, data in visit.data.items()})
    command = [sys.executable, "-m", "examples.catalogue"]
    asked = subprocess.run(
        command, cwd=root, env={**os.environ, "CATALOGUE_OVERLAY": overlay}, capture_output=True, text=True, check=False
    )
    if asked.returncode:
        return [VisitFault(("data",), f"the catalogue could not look at the data: {asked.stderr.strip().splitlines()[-1]}")]
    return [VisitFault(("data", found["name"]), found["fault"]) for found in json.loads(asked.stdout)]


def _clashes(visit: Visit) -> Iterator[VisitFault]:
    for first, second in combinations(visit.timetable, 2):
        if visit.span(second)[0] >= visit.span(first)[1]:
            continue
        where = ("meetings", second.key, "start")
        both = f"[meetings.{first.key}] and [meetings.{second.key}]"
        people = [visit.visitors[name].name for name in visit.present(first) if name in visit.present(second)]
        people += [visit.hosts[name].name for name in first.hosts if name in second.hosts and name in visit.hosts]
        if people:
            yield VisitFault(
                where, f"{both} overlap, and {', '.join(people)} would be in two rooms; move one, or say who goes where"
            )
        elif first.room and first.room == second.room:
            yield VisitFault(where, f"{both} overlap in the same room, {first.room}; move one")
        else:
            yield VisitFault(where, f"{both} overlap, each with its own visitors; right, if you mean to part", warning=True)


def _clock_changes(visit: Visit) -> Iterator[VisitFault]:
    for meeting in visit.timetable:
        start = meeting.start.replace(tzinfo=visit.zone)
        where = ("meetings", meeting.key, "start")
        if not _exists(start):
            yield VisitFault(
                where, f"{meeting.start:%H:%M} does not exist on {meeting.start:%d.%m.%Y}: the clocks go forward; choose another"
            )
        elif start.utcoffset() != start.replace(fold=1).utcoffset():
            message = f"{meeting.start:%H:%M} comes twice on that night, since the clocks go back; the first is taken"
            yield VisitFault(where, message, warning=True)


def _exists(moment: datetime) -> bool:
    """Whether a time is on the clock at all: there and back by way of UTC gives it again."""
    return moment.astimezone(UTC).astimezone(moment.tzinfo).replace(tzinfo=None) == moment.replace(tzinfo=None)


def _days(visit: Visit, today: date) -> Iterator[VisitFault]:
    first, last = visit.visit.start, visit.visit.end
    if last < today and visit.visit.account is None:
        yield VisitFault(("visit", "end"), f"{last} is past; give the days to come", warning=True)
    for meeting in visit.timetable:
        where, day = ("meetings", meeting.key, "start"), meeting.start.date()
        if not first <= day <= last:
            yield VisitFault(
                where, f"[meetings.{meeting.key}] is on {day}, and the visit lasts from {first} to {last}; mend one of them"
            )
        elif day.weekday() > 4 and meeting.step != 7:
            yield VisitFault(where, f"[meetings.{meeting.key}] is on a {day:%A}; ask whether anybody is there", warning=True)


def _breaks(visit: Visit) -> Iterator[VisitFault]:
    """Stretches of one visitor's meetings that leave no time to breathe."""
    for name, visitor in visit.visitors.items():
        began: datetime | None = None
        until: datetime | None = None
        for meeting in (meeting for meeting in visit.timetable if name in visit.present(meeting)):
            start, end = visit.span(meeting)
            if began is None or until is None or start - until >= SHORTEST_BREAK:
                began = start
            elif end - began > LONGEST_WITHOUT_BREAK:
                hours = (end - began).total_seconds() / 3600
                least = SHORTEST_BREAK.seconds // 60
                message = f"{visitor.name} has no break of {least} minutes in {hours:.1f} hours; leave one before this"
                yield VisitFault(("meetings", meeting.key, "start"), message, warning=True)
                began = start
            until = max(end, until) if until else end


def _order(visit: Visit) -> Iterator[VisitFault]:
    """Meetings in another order than the playbook's, with its reason."""
    if not visit.meetings:
        yield VisitFault(("visit", "start"), "no meeting is planned; add a table such as [meetings.it]", warning=True)
        return
    broad = _first(visit, BROAD)
    if broad and _all_after(visit, IT, broad):
        reason = "what IT hears first in a crowd, it hears as pressure, and what it asked before, it answers for in the room"
        yield _unwise(_first(visit, IT), f"IT comes after the broad talk; meet them before: {reason}")
    early = [meeting for meeting in visit.timetable if meeting.step == SMALL and broad and meeting.start < broad.start]
    if early:
        reason = "the talk is what brings them to you with questions of their own"
        yield _unwise(early[0], f"a small group comes before the broad talk; meet them after it: {reason}")
    lab = [meeting for meeting in visit.timetable if meeting.step == MAINTAINERS]
    if not lab:
        message = (
            "nobody is met for step 5, those who may become maintainers; plan two hours over a real bug, or do without on purpose"
        )
        yield VisitFault(("visit", "end"), message, warning=True)
    for meeting in lab:
        if not meeting.hosts:
            message = f"no host is named for [meetings.{meeting.key}], step 5; name who brings those who may become maintainers"
            yield VisitFault(("meetings", meeting.key), message, warning=True)


def _first(visit: Visit, step: int) -> Meeting | None:
    return next((meeting for meeting in visit.timetable if meeting.step == step), None)


def _all_after(visit: Visit, step: int, other: Meeting) -> bool:
    meetings = [meeting for meeting in visit.timetable if meeting.step == step]
    return bool(meetings) and all(meeting.start > other.start for meeting in meetings)


def _unwise(meeting: Meeting | None, message: str) -> VisitFault:
    return VisitFault(("meetings", meeting.key, "start") if meeting else ("meetings",), message, warning=True)
