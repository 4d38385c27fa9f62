"""A rehearsal for people and machines: a table in the terminal, JSON, and a contact sheet that a speaker can print."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from rich.console import Console
from rich.markup import escape as plain
from rich.table import Table

from roadshow.drift import Drift
from roadshow.ledger import Record
from roadshow.stage.files import written
from roadshow.stage.rehearse import Fault, Rehearsal, Rehearsed

_STYLE = """
:root { color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 1200px; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0 0 .3rem; } p { margin: .2rem 0; }
ol { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(340px, 1fr)); gap: 1.2rem; }
li { break-inside: avoid; } img { width: 100%; border: 1px solid #8888; display: block; }
.faulty img { outline: 4px solid #d55e00; }
.faults { color: light-dark(#a8410f, #ffab7d); margin: .3rem 0 0; padding-left: 1.1rem; list-style: disc; display: block; }
.facts { color: light-dark(#4d5b67, #a9b8c3); } a { color: inherit; }
@media print { ol { grid-template-columns: repeat(3, 1fr); gap: .6rem; } :root { font-size: 10px; } body { margin: 0; } }
"""


def print_rehearsal(rehearsal: Rehearsal, console: Console) -> None:
    """Print the slides as a table, then the time by speaker and each hand-over, then every fault."""
    table = Table("", "slide", "speaker", "min", "words", "notes", "faults", title=f"{rehearsal.deck}", title_justify="left")
    told = [slide for slide in rehearsal.slides if not slide.backup]
    for number, slide in enumerate(told, 1):
        table.add_row(
            str(number),
            plain(slide.title),
            plain(slide.speaker),
            f"{slide.seconds / 60:.1f}",
            str(slide.words),
            str(slide.note_words),
            _mark(slide),
        )
    console.print(table)
    if backup := len(rehearsal.slides) - len(told):
        console.print(f"and {backup} slides that are not in the flow")
    for line in _summary(rehearsal):
        console.print(plain(line))
    for place, fault in _all_faults(rehearsal):
        text = f"[bold]{plain(place)}[/]: {fault.kind}: {plain(fault.message)}"
        console.print(text, style="red", highlight=False, soft_wrap=True)


def print_ledger(records: list[Record], console: Console) -> None:
    """Print the last run of every cell, the slowest page first."""
    table = Table("cell", "seconds", "MiB at most", "outputs", title="The last run of every cell", title_justify="left")
    for record in sorted(records, key=lambda record: -record.seconds):
        ran = f"{datetime.fromtimestamp(record.started, UTC):%Y-%m-%d %H:%M} UTC"
        table.add_row(f"[bold]{plain(record.name)}[/], {ran}", f"[bold]{record.seconds:.1f}[/]", "", record.outputs[:12])
        for run in record.runs:
            memory = f"{run.memory / 2**20:.0f}" if run.memory else ""
            table.add_row(f"  line {run.line}", f"{run.seconds:.2f}", memory, run.outputs[:12])
    console.print(table)
    cells, seconds = sum(len(record.runs) for record in records), sum(record.seconds for record in records)
    console.print(f"{cells} cells of {len(records)} pages, {seconds:.1f} s. Memory: the kernel's, without processes it starts.")


def print_drift(found: list[Drift], figures: int, warned: dict[str, set[str]], console: Console) -> None:
    """Print each figure that has drifted, with its slide and the packages that are others: text that an issue can hold.

    Before that, what libraries warned of in the other build.
    """
    for warning, pages in sorted(warned.items()):
        console.print(plain(f"{len(pages)} page(s) warned: {warning}"))
    for drift in found:
        console.print(f"[bold]{plain(drift.page)}.md:{drift.line}[/]: slide {plain(drift.slide)!r}: {plain(drift.claim)}")
        tolerance = f" (tolerance: {drift.tolerance})" if drift.tolerance else ""
        console.print(
            plain(f"  was {drift.was!r}, is {drift.now!r}{tolerance}; {drift.packages or 'no package that it names differs'}")
        )
    console.print(f"{len(found) or 'None'} of {figures} figures on the slides {'have' if len(found) > 1 else 'has'} drifted.")


def write_report(rehearsal: Rehearsal, folder: Path) -> Path:
    """Write ``<deck>.json`` and the contact sheet ``<deck>.html``, with all pictures in it, and return the latter's path."""
    with written(folder / f"{rehearsal.deck}.json") as draft:
        draft.write_text(json.dumps(rehearsal.as_json(), indent=1, ensure_ascii=False), encoding="utf-8")
    sheet = folder / f"{rehearsal.deck}.html"
    with written(sheet) as draft:
        draft.write_text(_contact_sheet(rehearsal), encoding="utf-8")
    return sheet


def _mark(slide: Rehearsed) -> str:
    return f"[red]{len(slide.faults)}[/]" if slide.faults else "[green]-[/]"


def _summary(rehearsal: Rehearsal) -> list[str]:
    shares = ", ".join(f"{name} {minutes:g}" for name, minutes in rehearsal.by_speaker().items())
    lines = [f"{rehearsal.minutes:g} of {rehearsal.slot:g} minutes ({shares})"]
    lines += [f"minute {minute:g}: hand over to {who}: {title}" for minute, who, title in rehearsal.hand_overs()]
    return [*lines, f"{rehearsal.fault_count} faults" if rehearsal.fault_count else "no fault"]


def _all_faults(rehearsal: Rehearsal) -> list[tuple[str, Fault]]:
    whole = [(rehearsal.deck, fault) for fault in rehearsal.faults]
    return whole + [(slide.id, fault) for slide in rehearsal.slides for fault in slide.faults]


def _contact_sheet(rehearsal: Rehearsal) -> str:
    facts = "".join(f"<p>{escape(line)}</p>" for line in _summary(rehearsal))
    whole = "".join(f"<li>{escape(fault.message)}</li>" for fault in rehearsal.faults)
    slides = "".join(_figure(number, slide) for number, slide in enumerate(rehearsal.slides, 1))
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Rehearsal of {escape(rehearsal.deck)}</title><style>{_STYLE}</style>\n<h1>{escape(rehearsal.deck)}</h1>{facts}"
        f'<ul class="faults">{whole}</ul><ol>{slides}</ol></html>\n'
    )


def _figure(number: int, slide: Rehearsed) -> str:
    picture = base64.b64encode(slide.picture).decode()
    faults = "".join(f"<li>{escape(fault.kind)}: {escape(fault.message)}</li>" for fault in slide.faults)
    facts = [f"{slide.seconds} s", slide.speaker, f"{slide.words} words, {slide.note_words} in the notes"] if slide.speaker else []
    return (
        f'<li id="{escape(slide.id)}" class="{"faulty" if slide.faults else ""}">'
        f'<img src="data:image/jpeg;base64,{picture}" alt="" loading="lazy">'
        f'<p><strong>{number}. {escape(slide.title)}</strong></p><p class="facts">{escape(" · ".join(facts))}</p>'
        + (f'<ul class="faults">{faults}</ul></li>\n' if faults else "</li>\n")
    )
