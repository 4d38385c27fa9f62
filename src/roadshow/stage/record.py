"""Keep the outputs of pages that require programs, for builds on machines that have them not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat

from roadshow.ledger import read_ledger
from roadshow.recording import Recording
from roadshow.stage import StageError
from roadshow.stage.files import written


def record(store: Path, folder: Path) -> Iterator[Path]:
    """Write a recording of each page that requires programs and ran beside them; gives the files.

    Raises:
        StageError: no such page has run here.
    """
    pages = [page for page in read_ledger(store) if page.programs is not None and not page.recorded]
    if not pages:
        raise StageError("no page that requires a program has run here: build where they are, or install them with `make services`")
    for page in pages:
        ran = nbformat.read(store / "executed" / page.cells / "base.ipynb", as_version=4)
        outputs = [cell.outputs for cell in ran.cells if cell.cell_type == "code"]
        info = ran.metadata.get("language_info", {})
        kept = Recording(page.sources, page.started, page.machine, page.programs or {}, page.named, info, outputs)
        path = folder / f"{page.name.rsplit('/', 1)[-1]}.json"
        with written(path) as draft:
            draft.write_text(kept.text(), encoding="utf-8")
        yield path
