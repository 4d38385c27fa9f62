"""What the command prints of a visit's faults and of a deck that was fitted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.console import Console
from rich.markup import escape as plain
from rich.table import Table

from roadshow.deck import Segment, minutes_of, work_minutes
from roadshow.fitting import Fitted
from roadshow.lines import line_of
from roadshow.visit_file import VisitFault


def print_faults(path: Path, text: str, faults: Iterable[VisitFault], console: Console) -> int:
    """Print the faults of a visit file, a line each, in the order of its lines; return how many are more than a warning."""
    listed = sorted({(line_of(text, fault.where), fault.warning, fault.message) for fault in faults})
    for line, warning, message in listed:
        word = "[yellow]warning[/]" if warning else "[bold red]error[/]"
        console.print(f"{plain(str(path))}:{line}: {word}: {plain(message)}")
    errors = sum(not warning for _, warning, _ in listed)
    summary = f"{errors} to mend, {len(listed) - errors} to think over" if listed else "nothing is wrong"
    console.print(f"{plain(str(path))}: {summary}")
    return errors


def print_fitted(deck: str, fitted: Fitted, segments: Mapping[str, Segment], console: Console) -> None:
    """Print the running order of a deck that was fitted, and what it cost."""
    table = Table("segment", "depth", "speaker", "minutes", title=f"{deck} in {fitted.deck.slot:g} minutes", title_justify="left")
    for choice in fitted.deck.choices:
        changed = choice.segment in fitted.to_brief or choice.segment in fitted.to_full
        depth = f"[bold]{choice.depth}[/]" if changed else choice.depth
        table.add_row(choice.segment, depth, choice.speaker, f"{minutes_of(choice, segments):g}")
    table.add_section()
    work = work_minutes(fitted.deck, segments)
    table.add_row("spoken", "", "", f"{fitted.minutes - work:g}")
    if work:
        table.add_row("at work", "", "", f"{work:g}")
    table.add_row("left for questions", "", "", f"{fitted.deck.slot - fitted.minutes:g}")
    console.print(table)
    falls = (("told in brief", fitted.to_brief), ("told in full", fitted.to_full), ("left out", fitted.dropped))
    for what, names in falls:
        if names:
            console.print(f"{what}: {', '.join(names)}", soft_wrap=True, highlight=False)
    if not fitted.changed:
        console.print("as the deck is written")
