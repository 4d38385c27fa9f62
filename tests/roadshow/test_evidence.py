"""The evidence: the tables that are shipped hold, and a fault in one is told with its line, its column and its mend."""

import csv
import dataclasses
import re
from pathlib import Path

import pytest

from roadshow.csv_table import TableError
from roadshow.evidence import (
    Adopter,
    CounterFact,
    Question,
    counter_facts_for,
    question_files,
    read_adopters,
    read_counter_evidence,
    read_questions,
)
from roadshow.timeline import expected, read_plan

ROOT = Path(__file__).parents[2]
ADOPTERS = ROOT / "evidence" / "adopters.csv"
COUNTER = ROOT / "evidence" / "counter_evidence.csv"
QUESTIONS = {name: ROOT / "evidence" / f"questions_{name}.csv" for name in ("exec", "it", "science")}
SEGMENT = ROOT / "talks" / "segments" / "others-like-you.md"

GOOD = {
    "id": "A01",
    "institution": "A weather service",
    "country": "Norway",
    "region": "Europe",
    "kind": "weather service",
    "tools": "Xarray; Dask",
    "statement": "It verifies its forecasts with Xarray, and with Dask.",
    "setting": "operational since 2022",
    "stage": "operational",
    "year": "2022",
    "source_title": "A page",
    "source_url": "https://example.org/page",
    "how_read": "excerpt",
    "caveat": "",
}
AGAINST = {
    "id": "X01",
    "claim_at_risk": "It runs everywhere",
    "counter_fact": "It runs in one office.",
    "advice": "Say so.",
    "affects": "A01",
    "source_title": "A thread",
    "source_url": "https://example.org/thread",
    "year": "2023",
    "how_read": "excerpt",
}


def write(path: Path, *rows: dict[str, str], columns: list[str] | None = None) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns or list(rows[0]), extrasaction="ignore")
        table.writeheader()
        table.writerows(rows)
    return path


def adopters(folder: Path, *rows: dict[str, str], columns: list[str] | None = None) -> Path:
    return write(folder / "adopters.csv", *rows, columns=columns)


def faults_of(path: Path) -> list[str]:
    with pytest.raises(TableError) as caught:
        (read_adopters if path.name == "adopters.csv" else read_counter_evidence)(path)
    return str(caught.value).splitlines()


# --- the tables that are shipped


def test_the_shipped_tables_are_valid():
    assert list(read_adopters(ADOPTERS)) == [f"A{number:02}" for number in range(1, 86)]
    assert list(read_counter_evidence(COUNTER)) == [f"X{number:02}" for number in range(1, 25)]


def test_a_row_of_the_shipped_table_is_read_cell_by_cell():
    bureau = read_adopters(ADOPTERS)["A01"]
    assert (bureau.institution, bureau.country, bureau.stage, bureau.year) == (
        "Bureau of Meteorology",
        "Australia",
        "operational",
        "2022",
    )
    assert bureau.source_url == "https://dtcenter.org/events/seminar/2759"


@pytest.mark.parametrize(
    ("path", "model"),
    [(ADOPTERS, Adopter), (COUNTER, CounterFact), *((path, Question) for path in QUESTIONS.values())],
    ids=["adopters", "counter evidence", *QUESTIONS],
)
def test_the_shipped_tables_hold_no_quotation(path, model):
    with path.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file)
        of_the_tests = ["demonstrable"] if model is Question else []
        assert table.fieldnames == [field.name for field in dataclasses.fields(model)] + of_the_tests
        quoted = [(row["id"], name) for row in table for name, cell in row.items() if re.search('["“”„«»‘’`…]', cell)]
    assert quoted == []


def test_every_statement_can_be_said_in_one_breath():
    assert {row.id: row.statement for row in read_adopters(ADOPTERS).values() if len(row.statement.split()) > 22} == {}
    assert {row.id: row.statement for row in read_adopters(ADOPTERS).values() if not row.statement.endswith(".")} == {}


def test_an_old_statement_names_its_year():
    """In use or in service, but five years ago or more: the sentence itself says when."""
    rows = read_adopters(ADOPTERS).values()
    old = [
        row
        for row in rows
        if row.stage in ("in use", "service", "operational") and re.fullmatch(r"(by )?20[01]\d|(by )?202[01]", row.year)
    ]
    assert len(old) > 10
    assert [row.id for row in old if not re.search(r"\b20\d\d\b", row.statement)] == []


def test_no_row_is_shown_as_stronger_than_its_setting():
    weak = re.compile("beta|experiment|pilot|prototype|trial|demonstration|planned|introduced|funding|contributes|tested")
    rows = read_adopters(ADOPTERS).values()
    assert [row.id for row in rows if weak.search(row.setting) and row.stage in ("operational", "service", "in use")] == []


# --- what touches an adopter


def test_the_counter_facts_of_an_adopter_are_those_that_name_it():
    facts = read_counter_evidence(COUNTER)
    assert [fact.id for fact in counter_facts_for(["A13"], facts)] == ["X07", "X16"]
    assert [fact.id for fact in counter_facts_for(["A40", "A11"], facts)] == ["X01", "X02"]
    assert counter_facts_for(["A69"], facts) == []


# --- faults


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source_title": ""}, "source_title: it is empty; name the source, or leave the row out"),
        ({"source_url": " "}, "source_url: it is empty; name the source, or leave the row out"),
        ({"source_url": "see A28"}, "source_url: 'see A28' is not the address of a page; write one address, from https:// on"),
        (
            {"source_url": "https://a.org and b"},
            "source_url: 'https://a.org and b' is not the address of a page; write one address, from https:// on",
        ),
        (
            {"source_url": "https://[a.org"},
            "source_url: 'https://[a.org' is not the address of a page; write one address, from https:// on",
        ),
        ({"statement": ""}, "statement: it is empty; fill it in"),
        ({"year": "<=2020"}, "year: cannot read '<=2020'; write 2024, 2019-2024, by 2020 or undated"),
        ({"how_read": "heard"}, "how_read: unknown word 'heard'; write one of: repository file, excerpt, computed"),
        (
            {"stage": "live"},
            "stage: unknown word 'live'; "
            "write one of: operational, service, in use, research, prototype, planned, development, ended",
        ),
        ({"id": "A01"}, "id: 'A01' stands on line 2 already; give this row its own"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_a_fault_is_told_with_its_line_its_column_and_its_mend(tmp_path, change, message):
    path = adopters(tmp_path, GOOD, GOOD | {"id": "A02"} | change)
    assert faults_of(path) == [f"{path}:3: {message}"]


def test_a_counter_fact_about_nobody_is_a_fault(tmp_path):
    adopters(tmp_path, GOOD)
    path = write(tmp_path / "counter_evidence.csv", AGAINST, AGAINST | {"id": "X02", "affects": "A01; A99;A7"})
    assert faults_of(path) == [f"{path}:3: affects: no row A99, A7 in adopters.csv; mend the id or take it out"]


def test_a_counter_fact_may_touch_no_adopter_in_particular(tmp_path):
    adopters(tmp_path, GOOD)
    path = write(tmp_path / "counter_evidence.csv", AGAINST | {"affects": ""})
    assert read_counter_evidence(path)["X01"].affects == ()


def test_a_missing_column_is_told_once_and_not_for_every_row(tmp_path):
    path = adopters(tmp_path, GOOD, GOOD | {"id": "A02"}, columns=[name for name in GOOD if name != "stage"])
    assert faults_of(path) == [f"{path}:1: stage: the column is missing; add it to the first line"]


def test_a_missing_id_column_is_told_as_such(tmp_path):
    path = adopters(tmp_path, GOOD, GOOD, columns=[name for name in GOOD if name != "id"])
    assert faults_of(path) == [f"{path}:1: id: the column is missing; add it to the first line"]


def test_all_faults_of_a_table_are_told_at_once(tmp_path):
    path = adopters(tmp_path, GOOD | {"year": "", "stage": "live"}, GOOD | {"id": "A02", "source_url": "nowhere"})
    assert [fault.removeprefix(f"{path}:").split(": ")[:2] for fault in faults_of(path)] == [
        ["2", "stage"],
        ["2", "year"],
        ["3", "source_url"],
    ]


def test_a_comma_that_splits_a_cell_is_told(tmp_path):
    path = adopters(tmp_path, GOOD)
    path.write_text(path.read_text(encoding="utf-8").rstrip() + "and, more\n", encoding="utf-8")
    assert faults_of(path) == [
        f"{path}:2: after the last column: 'more' is left over; put a cell that holds a comma between double quotes"
    ]


def test_an_open_quote_does_not_swallow_the_rest_of_the_table(tmp_path):
    path = adopters(tmp_path, GOOD)
    path.write_text(path.read_text(encoding="utf-8") + 'A02,"A service\nA03,Another\n', encoding="utf-8")
    [fault] = faults_of(path)
    assert fault.startswith(f"{path}:3: not valid CSV")
    assert fault.endswith("look for a lone quote mark")


def test_a_table_saved_in_another_encoding_is_told(tmp_path):
    path = adopters(tmp_path, GOOD)
    path.write_bytes(path.read_bytes() + "A02,Météo".encode("cp1252"))
    [fault] = faults_of(path)
    assert fault.endswith("save it as CSV UTF-8")


def test_a_table_from_a_spreadsheet_is_read(tmp_path):
    path = adopters(tmp_path, GOOD)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_adopters(path) == {"A01": Adopter(**GOOD)}


@pytest.mark.parametrize("read", [read_adopters, read_counter_evidence])
def test_a_missing_table_is_told(tmp_path, read):
    path = tmp_path / "adopters.csv"
    with pytest.raises(TableError, match=re.escape(f"{path}: there is no such table; see evidence/README.md for its columns")):
        read(path)


def test_an_empty_file_lacks_every_column(tmp_path):
    path = tmp_path / "adopters.csv"
    path.write_text("", encoding="utf-8")
    assert len(faults_of(path)) == len(GOOD)


QUESTION = {
    "id": "it01",
    "group": "security",
    "question": "Is it safe?",
    "answer": "Behind a wall.",
    "caveat": "",
    "segment": "",
    "source_title": "A page",
    "source_url": "https://example.org/page",
    "year": "2024",
    "how_read": "excerpt",
}


def test_the_tables_of_questions_are_found_by_name():
    assert question_files(ROOT / "evidence") == QUESTIONS
    assert list(question_files(ROOT / "evidence")) == sorted(QUESTIONS)
    assert question_files(ROOT / "no such folder") == {}


@pytest.mark.parametrize(("name", "prefix", "count"), [("it", "it", 80), ("science", "sc", 16), ("exec", "ex", 15)])
def test_the_questions_that_are_shipped_are_numbered_and_grouped(name, prefix, count):
    rows = read_questions(QUESTIONS[name])
    assert list(rows) == [f"{prefix}{number:02}" for number in range(1, count + 1)]
    groups = {row.group for row in rows.values()}
    assert len(groups) <= 10
    assert [group for group in groups if not re.fullmatch(r"[a-z]+", group)] == []


def test_the_questions_that_are_shipped_are_all_different_and_shown_where_they_say():
    rows = read_questions(*QUESTIONS.values())
    assert len({row.question for row in rows.values()}) == len(rows) == 111
    shown = {row.segment for row in rows.values()} - {""}
    assert shown <= {path.stem for path in (ROOT / "talks" / "segments").glob("*.md")}


def test_the_rows_of_evidence_that_an_answer_names_are_there_and_say_the_same_figures():
    known = {**read_adopters(ADOPTERS), **read_counter_evidence(COUNTER)}
    rows = read_questions(QUESTIONS["exec"])
    named = {row.id: re.findall(r"\b[AX]\d\d\b", f"{row.source_title} {row.answer} {row.caveat}") for row in rows.values()}
    assert {name: ids for name, ids in named.items() if ids} == {
        "ex02": ["A01", "A20", "A68"],
        "ex03": ["A13", "A43"],
        "ex15": ["X13", "X11", "X07"],
    }
    assert [name for ids in named.values() for name in ids if name not in known] == []
    for question, adopters in (("ex03", ["A13", "A43"]), ("ex04", ["A14"])):
        figures = set(re.findall(r"\d+(?:\.\d+)?", re.sub(r"\b20\d\d\b|GRIB2", "", rows[question].answer)))
        said = {figure for name in adopters for figure in re.findall(r"\d+(?:\.\d+)?", known[name].statement)}
        assert figures <= said
    assert "8766" in rows["ex15"].answer
    assert "8766" in known["X13"].counter_fact


@pytest.mark.parametrize(
    ("audience", "tables"),
    [
        ("allies", {"sc", "it"}),
        ("it", {"it"}),
        ("broad", {"sc", "it", "ex"}),
        ("executives", {"ex"}),
        ("maintainers", {"sc", "it"}),
        ("developers", {"sc", "it", "ex"}),
    ],
)
def test_the_plan_finds_the_questions_of_each_audience(audience, tables):
    """Of every table and group that the plan names, at least one is among those to expect."""
    plan = read_plan(ROOT / "guide" / "plan.toml")
    rows = {name: list(read_questions(path).values()) for name, path in QUESTIONS.items()}
    asked = expected(plan.audiences[audience].questions, rows)
    assert len(asked) == 6
    assert {question.id[:2] for question in asked} == tables


def test_the_plan_names_no_group_that_the_tables_lack():
    plan = read_plan(ROOT / "guide" / "plan.toml")
    rows = {name: list(read_questions(path).values()) for name, path in QUESTIONS.items()}
    for asking in (*plan.steps.values(), *plan.audiences.values()):
        assert bool(expected(asking.questions, rows)) == bool(asking.questions)


def test_a_row_of_questions_is_read_cell_by_cell(tmp_path):
    path = write(tmp_path / "questions_it.csv", QUESTION, QUESTION | {"id": "it02", "caveat": "Not without.", "segment": "alpha"})
    assert read_questions(path) == {
        "it01": Question(**QUESTION),
        "it02": Question(**QUESTION | {"id": "it02", "caveat": "Not without.", "segment": "alpha"}),
    }


def test_an_id_stands_once_in_all_tables_of_questions(tmp_path):
    one = write(tmp_path / "questions_exec.csv", QUESTION | {"id": "ex01"})
    other = write(tmp_path / "questions_it.csv", QUESTION, QUESTION | {"id": "ex01", "year": "soon"}, QUESTION)
    assert list(read_questions(one)) == ["ex01"]
    with pytest.raises(TableError) as caught:
        read_questions(one, other)
    assert str(caught.value).splitlines() == [
        f"{other}:3: year: cannot read 'soon'; write 2024, 2019-2024, by 2020 or undated",
        f"{other}:3: id: 'ex01' stands on line 2 of questions_exec.csv already; give this row its own",
        f"{other}:4: id: 'it01' stands on line 2 already; give this row its own",
    ]


def test_a_question_and_its_caveat_are_short_and_a_segment_that_shows_it_has_cells():
    rows = read_questions(*QUESTIONS.values()).values()
    assert [row.id for row in rows if len(row.question.split()) > 16 or len(row.caveat.split()) > 25] == []
    said = [(row.id, text) for row in rows for text in (row.answer, row.caveat) if text]
    assert [name for name, text in said if not text.endswith(".")] == []
    shown = {row.segment for row in rows} - {""}
    assert [name for name in shown if "{code-cell}" not in (SEGMENT.parent / f"{name}.md").read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    ("column", "text", "fault"),
    [
        ("question", "It is safe", "question: 'It is safe' does not ask; end it with a question mark"),
        ("answer", "word " * 46, "answer: 46 words; say it in 45, for it has to fit on a slide"),
        ("answer", "", "answer: it is empty; fill it in"),
        ("source_url", "a page", "source_url: 'a page' is not the address of a page; write one address, from https:// on"),
    ],
)
def test_a_fault_in_a_question_is_told_with_line_column_and_mend(column, text, fault, tmp_path):
    path = write(tmp_path / "questions_it.csv", QUESTION, QUESTION | {"id": "it02", column: text})
    with pytest.raises(TableError) as caught:
        read_questions(path)
    assert str(caught.value) == f"{path}:3: {fault}"
