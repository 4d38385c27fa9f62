"""What is wrong or unwise in the plan of a visit: each fault once, with its reason, at its key."""

from datetime import date
from pathlib import Path

import pytest

from roadshow.deck import read_decks, read_segments
from roadshow.review import data_faults, review
from roadshow.visit_file import parse_visit

ROOT = Path(__file__).parents[2]
GOOD = (ROOT / "visits" / "neutral.toml").read_text(encoding="utf-8")
DECKS, SEGMENTS = read_decks(ROOT / "talks"), read_segments(ROOT / "talks" / "segments")
TODAY = date(2027, 1, 4)


def found(text=GOOD, today=TODAY):
    visit, faults = parse_visit(text, Path("next.toml"))
    assert faults == []
    return review(visit, DECKS, SEGMENTS, today)


def changed(*changes):
    text = GOOD
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def only(faults, words):
    [fault] = [fault for fault in faults if words in fault.message]
    return fault


def test_the_plan_that_the_playbook_suggests_is_without_fault():
    assert found() == []


@pytest.mark.parametrize(
    ("changes", "words", "where", "warning"),
    [
        ([("T10:15:00", "T09:30:00")], "overlap, and The maintainer, The scientist would be in two rooms", "it", False),
        (
            [
                ("T10:15:00", "T09:30:00"),
                ('hosts = ["ally"]\n', 'hosts = ["ally"]\nvisitors = ["scientist"]\n'),
                ("talk = 45\ndeck", 'visitors = ["maintainer"]\ntalk = 45\ndeck'),
            ],
            "overlap, each with its own visitors",
            "it",
            True,
        ),
        (
            [
                ("T15:15:00", "T14:15:00"),
                ('audience = "pipelines"', 'audience = "pipelines"\nroom = "Room 1"\nvisitors = ["scientist"]'),
                ('audience = "hpc"', 'audience = "hpc"\nroom = "Room 1"'),
            ],
            "overlap in the same room, Room 1",
            "pipelines",
            False,
        ),
        ([("talk = 45", "talk = 90")], "the talk takes 90 minutes and the meeting has 60", "it", False),
        ([("talk = 45", "talk = 20")], 'leave out: drop = ["others-like-you"', "it", False),
        ([('"it-first"', '"it-frist"')], "there is no deck 'it-frist'; did you mean 'it-first'?", "it", False),
        ([('deck = "it-first"', 'deck = "it-first"\ndrop = ["two-future"]')], "does not tell two-future", "it", False),
        ([('deck = "it-first"\n', 'drop = ["two-futures"]\n')], "drops segments and shows no deck", "it", False),
        ([('first = "maintainer"', 'first = "scientist"')], "the maintainer speaks first, not the scientist", "it", True),
        (
            [('deck = "it-first"\n', 'deck = "it-first"\nvisitors = ["maintainer"]\n')],
            "gives lines to the scientist, who is not at",
            "it",
            True,
        ),
        (
            [("T10:15:00", "T16:30:00")],
            "IT comes after the broad talk; meet them before: what IT hears first in a crowd",
            "it",
            True,
        ),
        ([("T14:15:00", "T11:30:00")], "a small group comes before the broad talk", "hpc", True),
        (
            [("2027-05-12T09", "2027-05-14T09")],
            "[meetings.lab] is on 2027-05-14, and the visit lasts from 2027-05-11 to 2027-05-12",
            "lab",
            False,
        ),
        (
            [("T10:15:00", "T10:00:00"), ("T13:00:00\nminutes = 60", "T11:10:00\nminutes = 160")],
            "The maintainer has no break of 15 minutes in 4.8 hours",
            "broad",
            True,
        ),
    ],
)
def test_each_fault_is_told_once_at_its_meeting(changes, words, where, warning):
    fault = only(found(changed(*changes)), words)
    assert fault.where[:2] == ("meetings", where)
    assert fault.warning is warning


def test_nobody_for_step_five_is_a_warning():
    without = GOOD.replace("step = 5", "step = 4")
    assert only(found(without), "nobody is met for step 5").warning
    unled = GOOD.replace('minutes = 120\nhosts = ["ally"]', "minutes = 120")
    assert only(found(unled), "no host is named for [meetings.lab], step 5").where == ("meetings", "lab")


def test_a_past_visit_is_a_warning_unless_its_account_is_published():
    assert only(found(today=date(2027, 6, 1)), "2027-05-12 is past").warning
    told = changed(("shown =", 'account = "https://example.org/a"\nshown ='))
    assert found(told, date(2027, 6, 1)) == []


def test_a_weekend_is_a_warning_but_for_a_good_time():
    saturday = GOOD.replace("2027-05-11", "2027-05-15").replace("2027-05-12", "2027-05-16")
    days = [fault for fault in found(saturday) if "ask whether anybody is there" in fault.message]
    planned = {"allies", "it", "broad", "hpc", "pipelines", "executives", "lab", "analysts", "plans"}
    assert {fault.where[1] for fault in days} == planned
    assert "is on a Saturday" in days[0].message


def test_a_visit_without_meetings_is_a_warning():
    [fault] = found(GOOD.split("[meetings.", 1)[0])
    assert fault.message == "no meeting is planned; add a table such as [meetings.it]"


@pytest.mark.parametrize(
    ("day", "time", "words", "warning"),
    [
        ("2027-03-28", "01:30", "01:30 does not exist on 28.03.2027: the clocks go forward", False),
        ("2027-10-31", "01:30", "comes twice", True),
    ],
)
def test_a_time_that_the_clock_skips_or_shows_twice_is_told(day, time, words, warning):
    text = (
        GOOD.replace("2027-05-11T18:30", f"{day}T{time}")
        .replace("end = 2027-05-12", "end = 2027-12-01")
        .replace("start = 2027-05-11\n", "start = 2027-01-01\n")
    )
    assert only(found(text), words).warning is warning


def test_forty_meetings_are_looked_at_in_no_time_and_have_no_fault():
    more = "".join(
        f'[meetings.small-{n}]\nstep = 4\ngroup = "Group {n}"\naudience = "hpc"\n'
        f"start = 2027-05-{13 + n // 6:02}T{9 + n % 6:02}:00:00\nminutes = 30\n"
        for n in range(40)
    )
    text = GOOD.replace("end = 2027-05-12", "end = 2027-05-19") + more
    assert {fault.message for fault in found(text) if "Saturday" not in fault.message and "Sunday" not in fault.message} == set()


def test_data_that_are_not_there_are_found_by_the_catalogue():
    visit, _ = parse_visit(GOOD + '[data.ostia]\npath = "/nowhere/at/all.nc"\nsource = "x"\n', Path("next.toml"))
    [fault] = data_faults(visit, ROOT)
    assert fault.where == ("data", "ostia")
    assert "/nowhere/at/all.nc" in fault.message
