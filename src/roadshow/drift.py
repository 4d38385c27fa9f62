"""Drift: what the slides state, as two builds computed it, compared figure by figure.

The figures that a cell states are the numbers in what it prints, in the tables that it shows, and in the words of the figures
that it draws (`text/plain` of a Matplotlib figure). Cells tagged ``measured`` state what is true of one run, and are left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

import nbformat
from bs4 import BeautifulSoup

from roadshow.ledger import Record, read_ledger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_RELEASE = re.compile(r"\b\d+\.\d+\.\d+\S*")
_WARNING = re.compile(r"\w+Warning: .*")
_NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Drift:
    """A figure that two builds state differently.

    The page, its line and the slide; the words around the figure; what it was and is; how far they may be apart, and the
    packages of that page that are others now.
    """

    page: str
    line: int
    slide: str
    claim: str
    was: str
    now: str
    tolerance: str
    packages: str


def count_figures(store: Path) -> int:
    """How many figures the slides state: the numbers that a comparison looks at."""
    cells = (cell for record in read_ledger(store) for cell in _cells(store, record))
    lines = (line for cell in cells if "measured" not in cell.metadata.get("tags", []) for line in stated(cell))
    return sum(len(_NUMBER.findall(line)) for line in lines)


def find_drift(before: Path, after: Path, root: Path) -> list[Drift]:
    """The figures that differ between two folders of stored outputs by more than their tolerance.

    That is one unit of the last decimal shown, nothing for a whole number, or the fraction that the cell's metadata give as
    `tolerance`.

    Raises:
        LedgerError: one of the folders holds no outputs.
    """
    now = {record.name: record for record in read_ledger(after)}
    releases = {name: version for record in now.values() for name, version in record.packages.items()}
    found = []
    for record in read_ledger(before):
        others = {name: (version, releases.get(name, version)) for name, version in record.named.items()}
        packages = ", ".join(f"{name} {was} → {is_now}" for name, (was, is_now) in others.items() if was != is_now)
        other = now.get(record.name)
        if other is None:
            found.append(Drift(record.name, 1, "", "the page", "ran", "did not run", "", packages))
        elif other.sources != record.sources:
            found.append(Drift(record.name, 1, "", "the page", "ran this code", "ran other code", "", packages))
        else:
            found += _compare(record, other, (before, after), root, packages)
    return found


def warnings(store: Path) -> dict[str, set[str]]:
    """What libraries warned of as the cells ran, each with the pages on which they did."""
    found: dict[str, set[str]] = defaultdict(set)
    for record in read_ledger(store):
        for cell in _cells(store, record):
            for text in (output.text for output in cell.outputs if output.get("name") == "stderr"):
                for warning in _WARNING.findall(text):
                    found[warning].add(record.name)
    return dict(found)


def _compare(record: Record, other: Record, stores: tuple[Path, Path], root: Path, packages: str) -> Iterator[Drift]:
    text = (root / f"{record.name}.md").read_text(encoding="utf-8").splitlines()
    lines = {run.cell: run.line for run in record.runs}
    cells = zip(_cells(stores[0], record), _cells(stores[1], other), strict=True)
    for number, (cell, cell_now) in enumerate(cells, 1):
        if "measured" in cell.metadata.get("tags", []):
            continue
        line = lines.get(number, 1)
        slide = next((text[i].lstrip("# ") for i in range(min(line, len(text)) - 1, -1, -1) if text[i].startswith("#")), "")
        fraction = cell.metadata.get("tolerance")
        for claim, was, now, tolerance in _differences(stated(cell), stated(cell_now), fraction):
            yield Drift(record.name, line, slide, claim, was, now, tolerance, packages)


def _cells(store: Path, record: Record) -> list[Any]:
    notebook = nbformat.read(store / "executed" / record.cells / "base.ipynb", as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def stated(cell: Any) -> list[str]:
    """The lines in which a cell states figures, without the release of any package."""
    lines: list[str] = []
    for output in cell.outputs:
        data = output.get("data", {})
        if output.get("name") == "stderr":
            continue  # A warning, of which the build has said so.
        if "image/png" in data:
            lines += data.get("text/plain", "").splitlines()
        elif "text/html" in data:
            rows = BeautifulSoup(data["text/html"], "html.parser").select("table.dataframe tr")
            lines += [" ".join(row.get_text(" ").split()) for row in rows]
        else:
            lines += output.get("text", data.get("text/plain", "")).splitlines()
    return [_RELEASE.sub("", line).strip() for line in lines if line.strip()]


def _differences(was: list[str], now: list[str], fraction: float | None) -> Iterator[tuple[str, str, str, str]]:
    words, words_now = ([_NUMBER.sub("#", line) for line in lines] for lines in (was, now))
    for kind, begin, end, begin_now, end_now in SequenceMatcher(None, words, words_now, autojunk=False).get_opcodes():
        lines, lines_now = was[begin:end], now[begin_now:end_now]
        if kind != "equal":
            yield " / ".join(lines) or "nothing", " / ".join(lines), " / ".join(lines_now), "the same words"
            continue
        for line, line_now in zip(lines, lines_now, strict=True):
            for one, other in zip(_NUMBER.findall(line), _NUMBER.findall(line_now), strict=True):
                allowed = abs(_value(one)) * fraction if fraction is not None else _last_decimal(one)
                # The figures are decimal, what they are computed with is binary.
                if abs(_value(one) - _value(other)) > allowed * (1 + 1e-9):
                    yield line, one, other, f"{allowed:g}"


def _value(number: str) -> float:
    return float(number.replace(",", "").replace("−", "-"))


def _last_decimal(number: str) -> float:
    """One unit of the last decimal that is shown: 0.1 of 4.3, 1e-05 of 1.23e-03, nothing of 12."""
    digits, _, power = number.lower().partition("e")
    decimals = len(digits.partition(".")[2])
    return float(10 ** (int(power or 0) - decimals)) if decimals or power else 0.0
