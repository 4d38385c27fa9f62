"""The command ``roadshow``: what is done with the decks that are built."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from roadshow.stage import StageError, browser
from roadshow.stage.built import BuiltDeck, find, find_all
from roadshow.stage.export import KINDS, write_captions
from roadshow.stage.export import export as export_deck
from roadshow.stage.present import present as present_deck
from roadshow.stage.rehearse import rehearse as rehearse_deck
from roadshow.stage.report import print_rehearsal, write_report

app = typer.Typer(
    name="roadshow",
    help="Present, carry and rehearse the decks that are built. Build them first: make site",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Deck = Annotated[str, typer.Argument(help="The name of a deck, which is that of its page.")]
MaybeDeck = Annotated[str | None, typer.Argument(help="The name of a deck, which is that of its page.")]
All = Annotated[bool, typer.Option("--all", help="Every deck.")]
Site = Annotated[Path, typer.Option(help="The folder of the built site.")]
To = Annotated[Path, typer.Option(help="The folder to write into.")]

SITE, STICK, REHEARSAL = Path("_build/html"), Path("_build/stick"), Path("_build/rehearsal")


@app.command()
def present(
    deck: Deck,
    host: Annotated[
        str, typer.Option(help="The address to listen on; others than this machine's own let the network in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; another is taken where it is in use.")] = 8000,
    site: Site = SITE,
) -> None:
    """Serve the decks on this machine and open one: the room's window and the speaker view. Needs no network; Ctrl-C ends it."""
    with _said():
        present_deck(find(site, deck), site, host, port, lambda text: print(text, flush=True))


@app.command()
def export(deck: MaybeDeck = None, every: All = False, to: To = STICK, site: Site = SITE) -> None:
    """Write what you carry on a stick: one HTML file, a PDF of the slides, one with the notes, and a handout (A4)."""
    with _said(), _progress() as progress, browser.headless() as chromium:
        for chosen in _chosen(site, deck, every):
            bars = {kind: progress.add_task(f"{chosen.name} {kind}", total=1) for kind in KINDS}
            for path in export_deck(chosen, to, chromium, partial(_advance, progress, bars)):
                progress.console.print(f"{path} ({path.stat().st_size / 1e6:.1f} MB)", highlight=False, soft_wrap=True)


@app.command()
def captions(deck: MaybeDeck = None, every: All = False, to: To = STICK, site: Site = SITE) -> None:
    """Write WebVTT captions for the recording, from the notes and the declared minutes."""
    with _said():
        for chosen in _chosen(site, deck, every):
            print(write_captions(chosen, to))


@app.command()
def rehearse(deck: MaybeDeck = None, every: All = False, to: To = REHEARSAL, site: Site = SITE) -> None:
    """Walk every slide and fragment in a real browser and report what the back row could not read. Exit status 1 if anything.

    The report is a table here, JSON for a machine, and a contact sheet of all slides to look at or print.
    """
    faults = 0
    with _said(), browser.headless() as chromium:
        for chosen in _chosen(site, deck, every):
            with _progress() as progress:
                bars = {chosen.name: progress.add_task(chosen.name, total=None)}
                found = rehearse_deck(chosen, chromium, partial(_advance, progress, bars, chosen.name))
            print_rehearsal(found, Console())
            print(f"contact sheet: {write_report(found, to)}")
            faults += found.fault_count
    raise typer.Exit(1 if faults else 0)


def _chosen(site: Path, deck: str | None, every: bool) -> list[BuiltDeck]:
    if (deck is None) is not every:
        names = ", ".join(find_all(site))
        raise StageError(f"name one deck, or say --all; there are {names}")
    return list(find_all(site).values()) if deck is None else [find(site, deck)]


def _advance(progress: Progress, bars: dict[str, TaskID], name: str, done: int, total: int) -> None:
    progress.update(bars[name], completed=done, total=total)


def _progress() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console, transient=True
    )


@contextmanager
def _said() -> Iterator[None]:
    """Say what the user can mend in a line, without a traceback; a SIGTERM ends a command as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except StageError as error:
        sys.exit(f"roadshow: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
