"""The foot of a page with cells, and of a deck's page: when they ran, on what, and with which packages."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from roadshow.ledger import RECORDS, Record
from roadshow.sphinx.decks import decks

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def add_foot(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Say under a page when its cells ran. (`html-page-context`.)"""
    deck = decks(app.env).get(page)
    folder = Path(cast("Any", app.env).mystnb_config.execution_cache_path, RECORDS)
    names = [page, *(f"{app.config.roadshow_segments}/{choice.segment}" for choice in (deck.choices if deck else ()))]
    paths = [path for name in names if (path := folder / Record.file_name(name)).exists()]
    if paths:
        context["body"] += f'<p class="cells-ran measured">{escape(foot([Record.read(path) for path in paths]))}</p>'


def foot(records: list[Record]) -> str:
    """One sentence on the runs of one page, or of the segments of a deck."""
    started = sorted(record.started for record in records)
    first, last = (f"{datetime.fromtimestamp(time, UTC):%d %B %Y, %H:%M}".lstrip("0") for time in (started[0], started[-1]))
    when = f"on {first} UTC" if first == last else f"from {first} to {last} UTC"
    machines = " and ".join(sorted({record.machine for record in records}))
    named = {name: version for record in records for name, version in record.named.items()}
    with_packages = f"; {', '.join(f'{name} {version}' for name, version in sorted(named.items()))}" if named else ""
    return f"Cells ran {when}: {machines}{with_packages}."
