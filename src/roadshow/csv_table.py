"""Reading a table that people keep as CSV: its rows with their lines, and what is wrong with the file itself."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

type Rows = list[tuple[int, dict[str, str]]]
"""Each row with the line that it ends on; the key "" holds the cells beyond the last column."""


class TableError(Exception):
    """A table that cannot be used; the message names, for each fault, the file, the line, the column and the mend."""


def load(path: Path, absent: str) -> tuple[list[str], Rows]:
    """The columns of a table, and its rows.

    Raises:
        TableError: it cannot be read; the message ends with `absent` where there is none.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, restkey="", restval="", strict=True)
            rows = [(table.line_num, {name: _text(cell) for name, cell in row.items()}) for row in table]
            return list(table.fieldnames or ()), rows
    except FileNotFoundError:
        raise TableError(f"{path}: there is no such table; {absent}") from None
    except UnicodeDecodeError as error:
        raise TableError(f"{path}: not in UTF-8 ({error.reason}); save it as CSV UTF-8") from None
    except csv.Error as error:
        raise TableError(f"{path}:{table.line_num + 1}: not valid CSV ({error}); look for a lone quote mark") from None


def columns_missing(path: Path, head: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """A fault for each column that the first line lacks."""
    return [f"{path}:1: {name}: the column is missing; add it to the first line" for name in wanted if name not in head]


def left_over(row: Mapping[str, str]) -> Iterator[str]:
    """A fault if a row has cells beyond the last column."""
    if "" in row:
        yield f"after the last column: {row['']!r} is left over; put a cell that holds a comma between double quotes"


def _text(cell: str | list[str]) -> str:
    return (cell if isinstance(cell, str) else ", ".join(cell)).strip()
