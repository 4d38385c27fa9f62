"""When and on what the cells of a page or of a deck ran or were recorded, with which packages: its foot, and labels in it."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from babel.dates import format_date
from babel.lists import format_list
from docutils import nodes

from roadshow.ledger import RECORDS, Record
from roadshow.sphinx.decks import decks, slide_sections
from roadshow.sphinx.nodes import speaker_notes
from roadshow.sphinx.outputs import measured
from roadshow.sphinx.words import words

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment


def add_foot(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Say under a page when its cells ran. (`html-page-context`.)"""
    deck = decks(app.env).get(page)
    folder = _records(app)
    names = [page, *(f"{app.config.roadshow_segments}/{choice.segment}" for choice in (deck.choices if deck else ()))]
    records = [Record.read(path) for name in names if (path := folder / Record.file_name(name)).exists()]
    if records:
        ran = [record for record in records if not record.recorded]
        said = [_ran(app.env, ran)] if ran else []
        said += [_was_recorded(app.env, record) for record in records if record.recorded]
        context["body"] += f'<p class="cells-ran measured">{escape(" ".join(said))}</p>'


def label_recorded(app: Sphinx, document: nodes.document) -> None:
    """Say under the outputs of each slide that they were recorded, where they were. (`doctree-read`.)"""
    if not (record := _recorded(app, app.env.docname)):
        return
    label = _label(app.env, record, record.programs or {})
    for section in slide_sections(document):
        if outputs := [node for node in section.findall(nodes.container) if node.get("nb_element") == "cell_code_output"]:
            outputs[-1].parent += nodes.paragraph(text=label, classes=["recorded"])


def label_parts(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Say over the notes of a page what they are, and under what was measured, and not recorded, when. (`doctree-resolved`.)"""
    if page in decks(app.env):
        return  # slides, which are resolved as parts of their deck's page, have no labels
    _ = words(app.env)
    for notes in doctree.findall(speaker_notes):
        notes.insert(0, nodes.paragraph(text=_("What is said"), classes=["reader-label", "no-search"]))
    for output in [] if _recorded(app, page) else measured(doctree):
        output.append(nodes.paragraph(text=_("Measured when this page was built."), classes=["reader-label"]))


def _recorded(app: Sphinx, page: str) -> Record | None:
    """The record of a page that shows what was recorded."""
    path = _records(app) / Record.file_name(page)
    record = Record.read(path) if path.exists() else None
    return record if record and record.recorded else None


def _records(app: Sphinx) -> Path:
    return Path(cast("Any", app.env).mystnb_config.execution_cache_path, RECORDS)


def _label(env: BuildEnvironment, record: Record, beside: dict[str, str]) -> str:
    _ = words(env)
    when = _day(env, record.started)
    if not beside:
        return _("Recorded on {day}").format(day=when)
    return _("Recorded on {day} with {programs}").format(day=when, programs=_listed(beside))


def _was_recorded(env: BuildEnvironment, record: Record) -> str:
    label = _label(env, record, {**(record.programs or {}), **record.named})
    return f"{record.name.rsplit('/', 1)[-1]}: {label}; {_machine(env, record)}."


def _ran(env: BuildEnvironment, records: list[Record]) -> str:
    """One sentence on the runs of one page, or of the segments of a deck."""
    _ = words(env)
    started = sorted(record.started for record in records)
    first, last = (f"{_day(env, time)}, {datetime.fromtimestamp(time, UTC):%H:%M}" for time in (started[0], started[-1]))
    when = _("Cells ran on {time} UTC").format(time=first)
    if first != last:
        when = _("Cells ran from {first} to {last} UTC").format(first=first, last=last)
    machines = format_list(sorted({_machine(env, record) for record in records}), locale=env.config.language)
    named = dict(sorted((name, version) for record in records for name, version in record.named.items()))
    return f"{when}: {machines}{f'; {_listed(named)}' if named else ''}."


def _day(env: BuildEnvironment, time: float) -> str:
    return format_date(datetime.fromtimestamp(time, UTC), "d MMMM y", locale=env.config.language)


def _listed(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}".strip() for name, version in versions.items())


def _machine(env: BuildEnvironment, record: Record) -> str:
    _ = words(env)
    return record.machine.replace("cores of", _("cores of"))
