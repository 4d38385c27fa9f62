"""The evidence: who works with these tools and in which setting, and what can be held against it. A source for every row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from roadshow.csv_table import TableError, columns_missing, left_over, load

STAGES = ("operational", "service", "in use", "research", "prototype", "planned", "development", "ended")
KINDS = (
    "weather service",
    "climate or weather centre",
    "space agency",
    "HPC centre",
    "national laboratory",
    "government science agency",
    "university",
    "company",
)
REGIONS = ("Africa", "Asia", "Europe", "North America", "South America", "Oceania", "International")
READINGS = ("repository file", "excerpt", "computed")

_URL = re.compile(r"https?://[\w-]+(\.[\w-]+)+(/\S*)?")
_YEAR = re.compile(r"(by )?\d{4}|\d{4}-\d{4}|undated")
_MAY_BE_EMPTY = {"caveat", "affects", "segment"}
LONGEST_ANSWER = 45
"""Words: what fits on a slide and is said in twenty seconds."""

type _Check = Callable[[str], str | None]


@dataclass(frozen=True)
class Adopter:
    """An institution that works with the tools; a row of ``adopters.csv``, whose columns ``evidence/README.md`` explains."""

    id: str
    institution: str
    country: str
    region: str
    kind: str
    tools: str
    statement: str
    setting: str
    stage: str
    year: str
    source_title: str
    source_url: str
    how_read: str
    caveat: str


@dataclass(frozen=True)
class CounterFact:
    """A fact against a claim that a speaker may make; `affects` are the ids of the adopters that it touches."""

    id: str
    claim_at_risk: str
    counter_fact: str
    advice: str
    affects: tuple[str, ...]
    source_title: str
    source_url: str
    year: str
    how_read: str


@dataclass(frozen=True)
class ProjectFact:
    """A fact of a package, such as how many wrote to it; a row of ``projects.csv``."""

    id: str
    package: str
    fact: str
    value: str
    as_of: str
    source_title: str
    source_url: str
    how_read: str
    caveat: str


@dataclass(frozen=True)
class Fact:
    """What a page says of something else, and looked up; a row of ``facts.csv``."""

    id: str
    about: str
    fact: str
    source_title: str
    source_url: str
    year: str
    how_read: str
    caveat: str


@dataclass(frozen=True)
class Claim:
    """What a page or a slide may say since a row of a `table` says it: `about` whom, `when` and how, and what to doubt."""

    id: str
    table: str
    about: str
    text: str
    when: str
    source_title: str
    source_url: str
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """What an institution asks, and what to say; `segment` names the one whose cells show it, if there is one."""

    id: str
    group: str
    question: str
    answer: str
    caveat: str
    segment: str
    source_title: str
    source_url: str
    year: str
    how_read: str


def read_adopters(path: Path) -> dict[str, Adopter]:
    """Read ``adopters.csv`` at `path`: its rows by id, in their order.

    Raises:
        TableError: the table cannot be read or has faults; it lists all of them.
    """
    checks = {"kind": _one_of(KINDS), "region": _one_of(REGIONS), "stage": _one_of(STAGES)}
    return {row["id"]: Adopter(**row) for row in _read([path], Adopter, checks)}


def read_counter_evidence(path: Path) -> dict[str, CounterFact]:
    """Read ``counter_evidence.csv`` at `path`: its rows by id, in their order.

    The ids that a row affects are looked up in the ``adopters.csv`` that stands beside it.

    Raises:
        TableError: one of the two tables cannot be read or has faults; it lists all faults of that table.
    """
    checks = {"affects": _ids_in(read_adopters(path.with_name("adopters.csv")))}
    rows = _read([path], CounterFact, checks)
    return {row["id"]: CounterFact(**row | {"affects": tuple(_ids(row["affects"]))}) for row in rows}


def read_projects(path: Path) -> dict[str, ProjectFact]:
    """Read ``projects.csv`` at `path`: its rows by id, in their order.

    Raises:
        TableError: the table cannot be read or has faults; it lists all of them.
    """
    return {row["id"]: ProjectFact(**row) for row in _read([path], ProjectFact, {"as_of": _wrong_day})}


def read_facts(path: Path) -> dict[str, Fact]:
    """Read ``facts.csv`` at `path`: its rows by id, in their order.

    Raises:
        TableError: the table cannot be read or has faults; it lists all of them.
    """
    return {row["id"]: Fact(**row) for row in _read([path], Fact, {})}


def read_claims(folder: Path, this_year: int) -> dict[str, Claim]:
    """Every row of the tables of adopters, counter-facts, projects and other facts in a folder as a claim, by id.

    A row says itself what is to be doubted: its caveat, what speaks against it, that only an excerpt was read, that it is old.

    Raises:
        TableError: a table cannot be read or has faults.
    """
    adopters, facts = read_adopters(folder / "adopters.csv"), read_counter_evidence(folder / "counter_evidence.csv")
    projects = read_projects(folder / "projects.csv") if (folder / "projects.csv").exists() else {}
    others = read_facts(folder / "facts.csv") if (folder / "facts.csv").exists() else {}
    claims: dict[str, Claim] = {}
    for row in adopters.values():
        against = [f"{fact.counter_fact} {fact.advice}" for fact in counter_facts_for([row.id], facts)]
        doubts = (row.caveat, *against, *to_check(row.how_read, row.year, this_year))
        when = f"{row.stage}, {row.year}"
        claims[row.id] = Claim(row.id, "adopters", row.institution, row.statement, when, row.source_title, row.source_url, doubts)
    for fact in facts.values():
        doubts = (fact.advice, *to_check(fact.how_read, fact.year, this_year))
        about = f"Against: {fact.claim_at_risk}"
        claims[fact.id] = Claim(
            fact.id, "counter_evidence", about, fact.counter_fact, fact.year, fact.source_title, fact.source_url, doubts
        )
    for of in projects.values():
        text, doubts = f"{_upper_first(of.fact)}: {of.value}.", (of.caveat, *to_check(of.how_read, of.as_of, this_year))
        claims[of.id] = Claim(of.id, "projects", of.package, text, of.as_of, of.source_title, of.source_url, doubts)
    for other in others.values():
        doubts = (other.caveat, *to_check(other.how_read, other.year, this_year))
        claims[other.id] = Claim(
            other.id, "facts", other.about, other.fact, other.year, other.source_title, other.source_url, doubts
        )
    return {name: replace(one, doubts=tuple(filter(None, one.doubts))) for name, one in claims.items()}


USE_BY = 5
"""Years after which a row is to be looked at again before it is said."""


def to_check(how_read: str, year: str, this_year: int) -> Iterator[str]:
    """What to do before a row is said: of its source only an excerpt was read, or it is older than `USE_BY`."""
    if how_read == "excerpt":
        yield "Only an excerpt of the source was read: open it first."
    if 0 < (last := last_year(year)) < this_year - USE_BY:
        yield f"It is of {last}: look again before you say it."


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def question_files(folder: Path) -> dict[str, Path]:
    """The tables of questions in a folder, by name and sorted by it: ``questions_it.csv`` is ``it``."""
    return {path.stem.removeprefix("questions_"): path for path in sorted(folder.glob("questions_*.csv"))}


def read_questions(*paths: Path) -> dict[str, Question]:
    """Read tables of questions, such as ``questions_it.csv``: their rows by id, in their order.

    An id may stand once in all of them, since it is the address of a slide.

    Raises:
        TableError: a table cannot be read or has faults; it lists all faults of all tables.
    """
    return {row["id"]: Question(**row) for row in _read(paths, Question, {"question": _no_question, "answer": _too_long})}


def last_year(year: str) -> int:
    """The last year that a row names; 0 if it names none."""
    return max(map(int, re.findall(r"\d{4}", year)), default=0)


def counter_facts_for(adopters: Iterable[str], facts: Mapping[str, CounterFact]) -> list[CounterFact]:
    """The counter-facts that touch any of the adopters with these ids, in the order of their table."""
    named = set(adopters)
    return [fact for fact in facts.values() if named.intersection(fact.affects)]


def _read(paths: Iterable[Path], model: type, checks: Mapping[str, _Check]) -> list[dict[str, Any]]:
    columns = [field.name for field in fields(model)]
    checks = {"source_url": _wrong_url, "year": _wrong_year, "how_read": _one_of(READINGS), **checks}
    found: list[dict[str, Any]] = []
    faults: list[str] = []
    first: dict[str, tuple[Path, int]] = {}
    for path in paths:
        head, rows = load(path, "see evidence/README.md for its columns")
        faults += columns_missing(path, head, columns)
        present = [name for name in columns if name in head]
        for line, row in rows:
            faults += [f"{path}:{line}: {fault}" for fault in _wrong_with(row, present, checks)]
            name = row.get("id")
            if name and (place := first.setdefault(name, (path, line))) != (path, line):
                where = f"on line {place[1]}" + ("" if place[0] == path else f" of {place[0].name}")
                faults.append(f"{path}:{line}: id: {name!r} stands {where} already; give this row its own")
            found.append(row)
    if faults:
        raise TableError("\n".join(faults))
    return [{name: row[name] for name in columns} for row in found]


def _wrong_with(row: Mapping[str, str], columns: Iterable[str], checks: Mapping[str, _Check]) -> Iterator[str]:
    yield from left_over(row)
    for name in columns:
        fault = checks[name](row[name]) if name in checks and row[name] else None
        if fault:
            yield f"{name}: {fault}"
        elif not row[name] and name.startswith("source"):
            yield f"{name}: it is empty; name the source, or leave the row out"
        elif not row[name] and name not in _MAY_BE_EMPTY:
            yield f"{name}: it is empty; fill it in"


def _wrong_url(text: str) -> str | None:
    return None if _URL.fullmatch(text) else f"{text!r} is not the address of a page; write one address, from https:// on"


def _wrong_year(text: str) -> str | None:
    return None if _YEAR.fullmatch(text) else f"cannot read {text!r}; write 2024, 2019-2024, by 2020 or undated"


def _wrong_day(text: str) -> str | None:
    return None if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else f"cannot read {text!r}; write a day such as 2026-08-17"


def _no_question(text: str) -> str | None:
    return None if text.endswith("?") else f"{text!r} does not ask; end it with a question mark"


def _too_long(text: str) -> str | None:
    words = len(text.split())
    return None if words <= LONGEST_ANSWER else f"{words} words; say it in {LONGEST_ANSWER}, for it has to fit on a slide"


def _one_of(words: tuple[str, ...]) -> _Check:
    return lambda text: None if text in words else f"unknown word {text!r}; write one of: {', '.join(words)}"


def _ids_in(adopters: Mapping[str, Adopter]) -> _Check:
    def check(text: str) -> str | None:
        lost = [name for name in _ids(text) if name not in adopters]
        return f"no row {', '.join(lost)} in adopters.csv; mend the id or take it out" if lost else None

    return check


def _ids(text: str) -> list[str]:
    return [name.strip() for name in text.split(";") if name.strip()]
