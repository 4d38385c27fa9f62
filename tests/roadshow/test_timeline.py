"""The plan of the playbook, and the dates that its countdown has for a visit."""

import csv
import datetime
import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from roadshow.evidence import Question
from roadshow.timeline import PlanError, countdown, day_of, expected, in_words, read_plan
from roadshow.visit import Audience
from roadshow.visit_file import parse_visit

ROOT = Path(__file__).parents[2]
PLAN = ROOT / "guide" / "plan.toml"
NEUTRAL = (ROOT / "visits" / "neutral.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def plan():
    return read_plan(PLAN)


def visit_on(first, last):
    text = re.sub(r"(?m)^start = \d{4}-\d\d-\d\d$", f"start = {first}", NEUTRAL)
    text = re.sub(r"(?m)^end = .*$", f"end = {last}", text)
    visit, faults = parse_visit(text, Path("next.toml"))
    assert faults == []
    return visit


def question(name, group):
    return Question(name, group, "What?", "That.", "", "", "A page", "https://example.org/", "2026", "excerpt")


def test_the_plan_knows_every_step_and_every_audience(plan):
    assert sorted(plan.steps) == ["1", "2", "3", "4", "5", "6", "7"]
    assert set(plan.audiences) == set(get_args(Audience))
    assert all((ROOT / "guide" / f"{step.page}.md").exists() for step in plan.steps.values())
    assert len({step.page for step in plan.steps.values()}) == 7


def test_the_countdown_goes_from_eight_weeks_before_to_a_year_after(plan):
    weeks = [task.week for task in plan.countdown]
    assert (min(weeks), max(weeks)) == (-8, 52)
    assert weeks == sorted(weeks)
    owners = {task.owner for task in plan.countdown}
    assert {"ally inside", "visiting maintainer", "visiting scientist", "IT lead"} <= owners


def test_every_letter_has_its_task_in_the_week_in_which_it_goes_out(plan):
    texts = {path.name.split(".")[0]: path.read_text(encoding="utf-8") for path in (ROOT / "letters").glob("[a-z]*.md.jinja")}
    weeks = {name: int(re.search(r"(?m)^week: (-?\d+)$", text)[1]) for name, text in texts.items()}
    assert {task.letter: task.week for task in plan.countdown if task.letter} == weeks


def test_the_plan_names_only_questions_that_there_are(plan):
    names = {name for asked in (*plan.steps.values(), *plan.audiences.values()) for name in asked.questions}
    lost = set()
    for name in names:
        table, _, group = name.partition(".")
        path = ROOT / "evidence" / f"questions_{table}.csv"
        if path.exists() and group:
            with path.open(encoding="utf-8", newline="") as file:
                lost |= {name} - {f"{table}.{row['group']}" for row in csv.DictReader(file)}
    assert lost == set()


@pytest.mark.parametrize(
    ("first", "last", "dates"),
    [
        # A Tuesday; a Monday; a Sunday, whose week began six days before; each with `cal` at hand.
        ("2027-05-11", "2027-05-12", {-8: "2027-03-15", -1: "2027-05-03", 0: "2027-05-11", 1: "2027-05-19", 4: "2027-06-09"}),
        ("2027-05-10", "2027-05-10", {-8: "2027-03-15", -1: "2027-05-03", 0: "2027-05-10", 1: "2027-05-17"}),
        ("2027-05-16", "2027-05-17", {-1: "2027-05-03", 0: "2027-05-16", 4: "2027-06-14"}),
        # Across the end of a year, before and after; across a leap day.
        ("2027-01-14", "2027-01-15", {-8: "2026-11-16", -2: "2026-12-28", -1: "2027-01-04", 1: "2027-01-22"}),
        ("2026-12-15", "2026-12-17", {-8: "2026-10-19", 2: "2026-12-31", 3: "2027-01-07", 4: "2027-01-14"}),
        ("2028-02-16", "2028-02-18", {1: "2028-02-25", 2: "2028-03-03"}),
    ],
)
def test_dates_are_counted_from_the_monday_before_and_from_the_last_day_after(first, last, dates):
    visit = visit_on(first, last)
    assert {week: str(day_of(week, visit)) for week in dates} == dates


def test_every_task_stands_in_its_week_once(plan):
    weeks = countdown(plan, visit_on("2027-05-11", "2027-05-12"))
    assert [task for week in weeks for task in week.tasks] == plan.countdown
    assert [week.day for week in weeks] == sorted(week.day for week in weeks)
    assert {task.week for week in weeks for task in week.tasks if task.week == week.number} == {week.number for week in weeks}


def test_a_day_in_words_is_that_of_the_c_library():
    days = [datetime.date(2027, 1, 1) + datetime.timedelta(days=31 * step) for step in range(12)]
    assert [in_words(day) for day in days] == [day.strftime("%A %-d %B %Y") for day in days]


def test_questions_come_from_each_group_in_turn_and_once():
    table = [question("a1", "a"), question("a2", "a"), question("b1", "b"), question("b2", "b")]
    found = expected(["it.a", "it.b", "it"], {"it": table}, most=3)
    assert [one.id for one in found] == ["a1", "b1", "a2"]
    assert [one.id for one in expected(["it.a", "it"], {"it": table})] == ["a1", "a2", "b1", "b2"]
    assert expected(["science"], {"it": table}) == []
    assert expected([], {"it": table}) == []


def test_a_group_that_no_table_has_is_named():
    with pytest.raises(PlanError, match=r"'it\.c', and that table has no such group; it has a"):
        expected(["it.c"], {"it": [question("a1", "a")]})


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('title = "Talk to IT"', "", "steps.2.title is missing; add it"),
        ('title = "Talk to IT"', 'title = ""', "steps.2.title is ''; string should have at least 1 character"),
        ("week = -5", "week = -9", "countdown.4.week is -9; input should be greater than or equal to -8"),
        ('letter = "to-it"', 'lettre = "to-it"', "countdown.6.lettre is a key that no plan has; take it out, or mend its name"),
        ('"it.cost"', '"cost.it"', "string should match pattern"),
        ("[audiences.hpc]", "[audiences.hcp]", "'allies', 'it', 'broad', 'hpc'"),
        ("[steps.7]", "[steps.8]", "'6' or '7'"),
    ],
)
def test_a_fault_names_file_line_and_mend(tmp_path, old, new, words):
    text = PLAN.read_text(encoding="utf-8")
    path = tmp_path / "plan.toml"
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PlanError) as raised:
        read_plan(path)
    [message] = [line for line in str(raised.value).splitlines() if words in line]
    file, line, _ = message.split(":", 2)
    assert file == str(path)
    at = text.splitlines()[int(line) - 1]
    # What is missing has the line of its table.
    assert old.split(" = ")[0] in at or at == "[steps.2]" or "cost" in at


def test_all_faults_are_named_at_once(tmp_path):
    text = PLAN.read_text(encoding="utf-8").replace("week = -8", "week = -80").replace("owner =", "who =")
    path = tmp_path / "plan.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError) as raised:
        read_plan(path)
    tasks = len(tomllib.loads(text)["countdown"])
    assert len(str(raised.value).splitlines()) == 2 * tasks + 2


def test_a_plan_that_is_not_there_or_not_toml_says_so(tmp_path):
    with pytest.raises(PlanError, match="there is no such plan"):
        read_plan(tmp_path / "none.toml")
    (tmp_path / "broken.toml").write_text("[steps\n", encoding="utf-8")
    with pytest.raises(PlanError, match=r"broken.toml:1: not valid TOML: .*; mend that line"):
        read_plan(tmp_path / "broken.toml")
    (tmp_path / "latin.toml").write_bytes("a = 'é'".encode("latin-1"))
    with pytest.raises(PlanError, match=r"not in UTF-8 .*; save it as UTF-8"):
        read_plan(tmp_path / "latin.toml")
