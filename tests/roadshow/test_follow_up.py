"""A follow-up: what is due when, what is not published, and each fault of the table with its line and mend."""

from datetime import date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from rich.console import Console
from typer.testing import CliRunner

from roadshow.cli import app
from roadshow.csv_table import TableError
from roadshow.follow_up import COLUMNS, DRAFT, missing, published, read_follow_up
from roadshow.stage.follow_up import print_follow_up, write_report
from roadshow.visit_file import read_visit

ROOT = Path(__file__).parents[2]
VISIT = read_visit(ROOT / "visits" / "neutral.toml")
HEAD = ",".join(COLUMNS) + "\n"
ROWS = "Pull requests,opened in a month,maintainer,2,3,12,,,\nHours,as stated,ally,100,,,,,asked in a form\n"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "visit.follow-up.csv"
    path.write_text(HEAD + ROWS, encoding="utf-8")
    return path


def test_a_row_is_a_goal_with_what_was_noted(table):
    pulls, hours = read_follow_up(table)
    assert (pulls.goal, pulls.by, pulls.baseline) == ("Pull requests", "maintainer", 2)
    assert pulls.values == {"2_weeks": 3, "3_months": 12, "6_months": None, "12_months": None}
    assert (hours.baseline, hours.remarks, hours.line) == (100, "asked in a form", 3)


def test_what_is_due_counts_from_the_last_day_and_the_baseline_from_the_first(table):
    table.write_text(HEAD + "Pull requests,opened,maintainer,,,,,,\n", encoding="utf-8")
    due = missing(read_follow_up(table), date(2027, 5, 11), date(2027, 5, 12))
    assert [(one.moment, one.day) for one in due] == [
        ("baseline", date(2027, 5, 11)),
        ("2_weeks", date(2027, 5, 26)),
        ("3_months", date(2027, 8, 11)),
        ("6_months", date(2027, 11, 10)),
        ("12_months", date(2028, 5, 10)),
    ]


def test_what_is_noted_is_not_due(table):
    due = missing(read_follow_up(table), date(2027, 5, 11), date(2027, 5, 12))
    assert [(one.goal.goal, one.moment) for one in due] == [
        ("Hours", "2_weeks"),
        ("Hours", "3_months"),
        ("Pull requests", "6_months"),
        ("Hours", "6_months"),
        ("Pull requests", "12_months"),
        ("Hours", "12_months"),
    ]


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "–"), (0, "0"), (1, "fewer than 5"), (4, "fewer than 5"), (5, "5"), (1200, "1,200")]
)
def test_a_small_count_is_not_published(value, shown):
    assert published(value) == shown


def test_the_terminal_warns_of_what_is_overdue_and_says_what_comes_next(table):
    goals = read_follow_up(table)
    console = Console(record=True, width=200)
    due = missing(goals, date(2027, 5, 11), date(2027, 5, 12))
    print_follow_up(goals, due, date(2027, 8, 1), console)
    said = console.export_text()
    assert "warning: Hours: 2 weeks was due on 26 May 2027; ask ally, and write it on line 3" in said
    assert said.count("warning") == 1
    assert "next: Hours, 3 months, by 11 August 2027" in said


def test_the_report_shows_no_small_count_in_table_or_plot(table, tmp_path):
    path = write_report(read_follow_up(table), VISIT, date(2027, 8, 1), tmp_path / "out/visit.html")
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    rows = [[cell.text for cell in row.find_all("td")] for row in page.select("tbody tr")]
    assert rows == [
        ["Pull requests", "fewer than 5", "fewer than 5", "12", "–", "–"],
        ["Hours", "100", "–", "–", "–", "–"],
    ]
    drawn = [text.text.strip() for text in page.svg.select("text")]
    assert {"Pull requests", "Hours", "12", "100", "12 months"} <= set(drawn)
    assert page.svg["aria-label"]
    ticks = {"0", "5", "10", "15", "25", "50", "75", "100", "125"}
    assert not {"2", "3"} & (set(drawn) - ticks)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("maintainer,2,", "maintainer,two,", ":2: baseline: 'two' is no number from 0 on; write one, or leave it empty"),
        ("maintainer,2,", "maintainer,-2,", ":2: baseline: '-2' is no number from 0 on"),
        ("maintainer,2,", "maintainer,nan,", ":2: baseline: 'nan' is no number from 0 on"),
        ("opened in a month", "opened, in a month", ":2: after the last column"),
        ("Hours,as stated", ",as stated", ":3: goal: it is empty; fill it in"),
        ("6_months", "half_a_year", ":1: 6_months: the column is missing; add it to the first line"),
        ("Hours", '"Hours', "not valid CSV"),
        (ROWS, "", "there are no goals"),
    ],
)
def test_each_fault_is_told_with_its_line_and_its_mend(table, old, new, said):
    table.write_text(table.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(TableError) as raised:
        read_follow_up(table)
    assert said in str(raised.value)
    assert str(table) in str(raised.value)


def test_the_command_writes_a_draft_first_and_then_a_report(tmp_path):
    visit = tmp_path / "ours.toml"
    visit.write_text((ROOT / "visits" / "neutral.toml").read_text(encoding="utf-8"), encoding="utf-8")
    first = CliRunner().invoke(app, ["follow-up", str(visit), "--to", str(tmp_path / "out")])
    assert (first.exit_code, (tmp_path / "ours.follow-up.csv").read_text(encoding="utf-8")) == (0, DRAFT)
    assert not (tmp_path / "out").exists()
    second = CliRunner().invoke(app, ["follow-up", str(visit), "--to", str(tmp_path / "out")])
    assert second.exit_code == 0
    assert "Pull requests from the hosts" in (tmp_path / "out/ours.html").read_text(encoding="utf-8")


def test_a_table_that_cannot_be_read_is_no_traceback(tmp_path):
    visit = tmp_path / "ours.toml"
    visit.write_text((ROOT / "visits" / "neutral.toml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "ours.follow-up.csv").write_bytes(HEAD.encode() + b"\xff\xfe")
    done = CliRunner().invoke(app, ["follow-up", str(visit)])
    assert done.exit_code == 1
    assert "not in UTF-8" in str(done.output) + str(done.exception)
