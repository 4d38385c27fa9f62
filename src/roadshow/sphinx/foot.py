"""The foot of a page with cells, and of a deck's page: when and on what they ran, or were recorded, and with which packages."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from docutils import nodes

from roadshow.ledger import RECORDS, Record
from roadshow.recording import label
from roadshow.sphinx.decks import decks, slide_sections

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def add_foot(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Say under a page when its cells ran. (`html-page-context`.)"""
    deck = decks(app.env).get(page)
    folder = _records(app)
    names = [page, *(f"{app.config.roadshow_segments}/{choice.segment}" for choice in (deck.choices if deck else ()))]
    paths = [path for name in names if (path := folder / Record.file_name(name)).exists()]
    if paths:
        records = [Record.read(path) for path in paths]
        ran = [foot([record for record in records if not record.recorded])] if not all(r.recorded for r in records) else []
        said = " ".join([*ran, *(_recorded(record) for record in records if record.recorded)])
        context["body"] += f'<p class="cells-ran measured">{escape(said)}</p>'


def label_recorded(app: Sphinx, document: nodes.document) -> None:
    """Say under the outputs of each slide that they were recorded, where they were. (`doctree-read`.)"""
    path = _records(app) / Record.file_name(app.env.docname)
    if not path.exists() or not (record := Record.read(path)).recorded:
        return
    for section in slide_sections(document):
        if outputs := [node for node in section.findall(nodes.container) if node.get("nb_element") == "cell_code_output"]:
            outputs[-1].parent += nodes.paragraph(text=label(record.started, record.programs or {}), classes=["recorded"])


def _records(app: Sphinx) -> Path:
    return Path(cast("Any", app.env).mystnb_config.execution_cache_path, RECORDS)


def _recorded(record: Record) -> str:
    page = record.name.rsplit("/", 1)[-1]
    return f"{page}: {label(record.started, {**(record.programs or {}), **record.named})}; {record.machine}."


def foot(records: list[Record]) -> str:
    """One sentence on the runs of one page, or of the segments of a deck."""
    started = sorted(record.started for record in records)
    first, last = (f"{datetime.fromtimestamp(time, UTC):%d %B %Y, %H:%M}".lstrip("0") for time in (started[0], started[-1]))
    when = f"on {first} UTC" if first == last else f"from {first} to {last} UTC"
    machines = " and ".join(sorted({record.machine for record in records}))
    named = {name: version for record in records for name, version in record.named.items()}
    with_packages = f"; {', '.join(f'{name} {version}' for name, version in sorted(named.items()))}" if named else ""
    return f"Cells ran {when}: {machines}{with_packages}."
