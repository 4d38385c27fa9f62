"""The commands that plan a visit, as a person uses them: new, check, fit."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from roadshow.visit_file import read_visit

ROOT = Path(__file__).parents[2]
ROADSHOW = str(Path(sys.executable).with_name("roadshow"))
ANSWERS = ["The Service", "", "", "Aotearoa", "oceania", "Wellington", "Pacific/Auckland", "2027-04-06", "", "", "", "", ""]


@pytest.fixture
def folder(tmp_path):
    """A project with the decks, the segments and the neutral visit of this one, under version control."""
    shutil.copytree(ROOT / "talks", tmp_path / "talks")
    (tmp_path / "visits").mkdir()
    shutil.copy(ROOT / "visits" / "neutral.toml", tmp_path / "visits")
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x", "commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def run(folder, *arguments, typed=""):
    environment = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1"}
    told = subprocess.run(
        [ROADSHOW, *arguments], cwd=folder, input=typed, capture_output=True, text=True, check=False, env=environment
    )
    assert "Traceback" not in told.stderr
    return told


def begun(folder, answers=ANSWERS, name="next"):
    return run(folder, "new", name, typed="\n".join(answers) + "\n")


def status(folder):
    return subprocess.run(["git", "status", "--short"], cwd=folder, capture_output=True, text=True, check=True).stdout.splitlines()


def test_new_asks_what_matters_and_writes_one_file_that_has_no_fault(folder):
    told = begun(folder)
    assert told.returncode == 0
    assert status(folder) == ["?? visits/next.toml"]
    visit = read_visit(folder / "visits" / "next.toml")
    assert (visit.institution.name, visit.institution.kind, visit.institution.region) == (
        "The Service",
        "weather service",
        "Oceania",
    )
    assert sorted({meeting.step for meeting in visit.meetings.values()}) == [1, 2, 3, 4, 5, 6, 7]
    checked = run(folder, "check", "visits/next.toml")
    assert (checked.returncode, checked.stdout.splitlines()[0]) == (0, "visits/next.toml: nothing is wrong")


def test_a_visit_of_one_day_has_a_plan_without_fault_too(folder):
    assert begun(folder, [*ANSWERS[:8], "1", *ANSWERS[9:]]).returncode == 0
    assert run(folder, "check", "visits/next.toml").stdout.splitlines()[0] == "visits/next.toml: nothing is wrong"


def test_a_wrong_answer_is_asked_for_again(folder):
    answers = [*ANSWERS[:2], "metservice", *ANSWERS[2:6], "Wellington", *ANSWERS[6:7], "soon", ANSWERS[7], "many", *ANSWERS[8:]]
    told = begun(folder, answers)
    assert told.returncode == 0
    for words in ("write one of: weather service", "is no time zone", "'soon' is no day", "'many' is no number of days"):
        assert words in told.stdout + told.stderr


@pytest.mark.parametrize(
    "name", ["Māori \"house\" 'x'", "気象庁", "השירות", "<script>alert(1)</script>", "{{ 7*7 }}{% for %}", "back\\slash", "del\x7f"]
)
def test_a_name_of_any_kind_stands_in_the_file_as_it_was_typed(folder, name):
    told = begun(folder, [name, *ANSWERS[1:]])
    if "\x7f" in name:
        assert "control character" in told.stderr
        assert status(folder) == []
    else:
        assert read_visit(folder / "visits" / "next.toml").institution.name == name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("neutral", "there is such a visit already"),
        ("../x", "a visit cannot be called '../x'"),
        ("Größe", "a visit cannot be called"),
    ],
)
def test_a_name_that_cannot_be_taken_is_refused_before_a_question(folder, name, words):
    told = begun(folder, name=name)
    assert told.returncode == 1
    assert words in told.stderr
    assert "The institution" not in told.stdout
    assert status(folder) == []


def test_whoever_stops_in_the_middle_leaves_nothing_behind(folder):
    told = run(folder, "new", "next", typed="The Service\n")
    assert told.returncode == 1
    assert status(folder) == []


def test_check_tells_everything_at_once_in_the_order_of_the_lines(folder):
    path = folder / "visits" / "bad.toml"
    text = (folder / "visits" / "neutral.toml").read_text(encoding="utf-8")
    path.write_text(
        text.replace("step = 1\n", "").replace('"it-first"', '"it-frist"').replace("T14:15", "T13:15"), encoding="utf-8"
    )
    told = run(folder, "check", "visits/bad.toml")
    lines = told.stdout.splitlines()
    assert told.returncode == 1
    assert lines[-1] == "visits/bad.toml: 3 to mend, 0 to think over"
    numbers = [int(line.split(":")[1]) for line in lines[:-1]]
    assert numbers == sorted(numbers)
    assert 'error: [meetings.allies] needs "step"; add a line such as step = 1' in lines[0]
    assert "there is no deck 'it-frist'" in lines[1]
    assert "would be in two rooms" in lines[2]


def test_check_says_what_was_cut_for_which_meeting(folder):
    path = folder / "visits" / "short.toml"
    text = (folder / "visits" / "neutral.toml").read_text(encoding="utf-8")
    path.write_text(text.replace("talk = 45", "talk = 30", 1), encoding="utf-8")
    told = run(folder, "check", "visits/short.toml")
    assert told.returncode == 0
    assert "it-first at [meetings.it]: 29 of 30 minutes; in brief: others-like-you, what-a-task-graph-costs" in told.stdout


@pytest.mark.parametrize("name", ["none.toml", "."])
def test_check_of_what_is_no_visit_file_is_one_message(folder, name):
    told = run(folder, "check", name)
    assert told.returncode == 1
    assert len(told.stderr.splitlines()) == 1


@pytest.mark.parametrize(("minutes", "slot"), [("5", 5), ("20", 20), ("45", 45), ("90", 90)])
@pytest.mark.parametrize("deck", ["it-first", "science-first"])
def test_fit_prints_the_running_order_that_fits(folder, deck, minutes, slot):
    told = run(folder, "fit", deck, "--minutes", minutes)
    assert told.returncode == 0
    rows = [[cell.strip() for cell in line.strip("│ ").split("│")] for line in told.stdout.splitlines() if line.startswith("│")]
    *lines, spoken, left = rows
    assert sum(float(row[3]) for row in lines) == float(spoken[3]) == slot - float(left[3]) <= slot
    assert ("left out:" in told.stdout) == (slot < 25)
    assert ("told in full:" in told.stdout) == (slot == 90)


def test_fit_says_why_a_wish_is_impossible(folder):
    told = run(folder, "fit", "it-first", "--minutes", "3")
    assert told.returncode == 1
    assert "3 minutes are too few: what must not be cut takes 4: what-dask-is (2), what-we-ask-of-you (2)" in told.stderr
    known = "executives, hands-on, hpc, it-first, libraries, pipelines, platform, science-first, stand-up, storage"
    assert f"there is no deck 'it'; there are {known}" in run(folder, "fit", "it", "--minutes", "3").stderr


def test_fit_names_a_segment_that_there_is_not(folder):
    deck = folder / "talks/hpc.md"
    deck.write_text(deck.read_text(encoding="utf-8").replace("\na-worker-dies ", "\na-worker-dines "), encoding="utf-8")
    told = run(folder, "fit", "hpc", "--minutes", "20")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == "roadshow: talks/hpc.md: there is no segment a-worker-dines; talks/segments has those that there are\n"


def test_outside_a_project_the_message_says_where_to_go(tmp_path):
    assert "run the command in the project's folder" in run(tmp_path, "fit", "it-first", "--minutes", "3").stderr
