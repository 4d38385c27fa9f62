"""The ledger: what each cell of the site took when it last ran, and what it gave.

The records are written by the build, beside the stored outputs, and say too what a run depended on.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

RECORDS = "records"
"""The folder of the records, in that of the stored outputs."""


class LedgerError(Exception):
    """There is no ledger to read; the message says what to do."""


@dataclass(frozen=True)
class CellRun:
    """One cell's run: its number among the cells of the page, its line there, and what it took and gave.

    `seconds` is wall time; `memory` the peak of the kernel's resident memory while the cell ran, in bytes, without that of
    processes which it started (none where the system does not tell); `outputs` a SHA-256 of the outputs as they are stored, if
    there are any.
    """

    cell: int
    line: int
    seconds: float
    memory: int | None
    outputs: str = ""


@dataclass(frozen=True)
class Record:
    """The last run of a page that ended well.

    The name of the page; digests of its text, of the code that was run, of the cells with their tags, its stored outputs, each
    file by path, and tables of the visit; the interpreter, and the imported packages with their versions, those that the cells
    name and all; the machine; when the run started (seconds since 1970), and the run of each cell. A page that requires programs
    has their versions, and says whether its outputs were `recorded` in an earlier run, elsewhere.
    """

    name: str
    page: str
    sources: str
    cells: str
    python: str
    named: dict[str, str]
    packages: dict[str, str]
    files: dict[str, str]
    visit: dict[str, str]
    outputs: str
    machine: str
    started: float
    runs: list[CellRun]
    programs: dict[str, str] | None = None
    recorded: bool = False

    @property
    def seconds(self) -> float:
        """The time that the cells took."""
        return sum(run.seconds for run in self.runs)

    @classmethod
    def read(cls, path: Path) -> Self:
        """The record in a file.

        Raises:
            FileNotFoundError: there is none.
            ValueError: it is not one, or was written by another version.
        """
        kept = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(kept, dict) or kept.keys() != {field.name for field in fields(cls)}:
            raise ValueError(f"{path}: not a record of this version")
        return cls(**{**kept, "runs": [CellRun(**run) for run in kept["runs"]]})

    @staticmethod
    def file_name(page: str) -> str:
        """The name of the file that keeps the record of `page`."""
        return page.replace("/", ".") + ".json"

    def write(self, path: Path) -> None:
        """Write the record to a file, whole or not at all."""
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        draft.replace(path)


def read_ledger(store: Path) -> list[Record]:
    """The record of every page with cells, from the folder of the stored outputs.

    Raises:
        LedgerError: there are none, or one was written by another version.
    """
    try:
        found = [Record.read(path) for path in sorted((store / RECORDS).glob("*.json"))]
    except ValueError as error:
        raise LedgerError(f"{error}; build again: make site") from error
    if not found:
        raise LedgerError(f"{store}: no cell has run yet; build first: make site")
    return found
