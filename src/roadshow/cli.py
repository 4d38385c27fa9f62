"""The command ``roadshow``: a visit begun and checked, a deck fitted; and what is done with the decks that are built."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, get_args

import typer
from pydantic_core import PydanticCustomError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from typer import BadParameter

from roadshow.catalogue import CatalogueError
from roadshow.csv_table import TableError
from roadshow.deck import Deck as DeckModel
from roadshow.deck import Segment, read_decks, read_segments
from roadshow.drift import count_figures, find_drift, warnings
from roadshow.fitting import CannotFit, fit
from roadshow.follow_up import DRAFT, follow_up_file, missing, read_follow_up
from roadshow.ledger import LedgerError, read_ledger
from roadshow.letters import LetterError
from roadshow.letters import letters as fill_in_letters
from roadshow.new_visit import Answers, new_visit, new_visit_file
from roadshow.review import data_faults, reaches_out, review
from roadshow.stage import StageError, browser
from roadshow.stage.built import BuiltDeck, find, find_all
from roadshow.stage.catalogues import update as update_catalogues
from roadshow.stage.export import KINDS, write_captions
from roadshow.stage.export import export as export_deck
from roadshow.stage.files import written
from roadshow.stage.follow_up import print_follow_up
from roadshow.stage.follow_up import write_report as write_follow_up
from roadshow.stage.letters import write_letters
from roadshow.stage.planning import print_faults, print_fitted
from roadshow.stage.present import present as present_deck
from roadshow.stage.record import record as record_outputs
from roadshow.stage.rehearse import rehearse as rehearse_deck
from roadshow.stage.report import print_drift, print_ledger, print_rehearsal, write_report
from roadshow.stage.run import run as run_segment
from roadshow.visit import Kind, Region, known_zone
from roadshow.visit_file import VisitError, parse_visit, read_text, read_visit

app = typer.Typer(
    name="roadshow",
    help="Begin a visit, check it and write its letters; then present, carry and rehearse its decks. Build them first: make site",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Deck = Annotated[str, typer.Argument(help="The name of a deck, which is that of its page.")]
MaybeDeck = Annotated[str | None, typer.Argument(help="The name of a deck, which is that of its page.")]
All = Annotated[bool, typer.Option("--all", help="Every deck.")]
Site = Annotated[Path, typer.Option(help="The folder of the built site.")]
To = Annotated[Path, typer.Option(help="The folder to write into.")]

VISITS, TALKS, SEGMENTS = Path("visits"), Path("talks"), Path("talks/segments")
RECORDED = Path("talks/recorded")
REPORTS = Path("_build/follow-up")
SITE, STICK, REHEARSAL = Path("_build/html"), Path("_build/stick"), Path("_build/rehearsal")
STORE = Path("_build/.jupyter_cache")
NEUTRAL, LETTERS, SENT, THEME = VISITS / "neutral.toml", Path("letters"), Path("_build/letters"), Path("assets/theme.css")


@app.command()
def new(name: Annotated[str, typer.Argument(help="The name of the visit, such as next-institution-2027.")]) -> None:
    """Ask what matters and write visits/NAME.toml: a commented file that builds at once. Enter takes what stands in brackets."""
    with _said():
        path = new_visit_file(name, VISITS)
        text = new_visit(name, _asked())
        path.parent.mkdir(exist_ok=True)
        with written(path) as draft:
            draft.write_text(text, encoding="utf-8")
    print(f"\nWritten: {path}. Fill in what it leaves open, then:\n  roadshow check {path}\n  make site VISIT={path}")


@app.command()
def check(
    visit: Annotated[Path, typer.Argument(help="A visit file.")],
    trust: Annotated[bool, typer.Option("--trust", help="It may name data outside the project, and a cluster.")] = False,
) -> None:
    """Say everything that is wrong or unwise in a visit file, with line and mend. Exit status 1 if anything is wrong."""
    with _said():
        text = read_text(visit)
        read, faults = parse_visit(text, visit)
        decks, segments = _decks()
        reached = [] if trust else list(reaches_out(read, Path.cwd()))
        faults += [*review(read, decks, segments, date.today()), *(reached or data_faults(read, Path.cwd()))]
        errors = print_faults(visit, text, faults, Console(highlight=False, soft_wrap=True))
        for meeting in [] if errors else read.timetable:
            if meeting.deck:
                fitted = fit(decks[meeting.deck], segments, meeting.talk or meeting.minutes, meeting.drop)
                print(f"{meeting.deck} at [meetings.{meeting.key}]: {fitted}")
    raise typer.Exit(1 if errors else 0)


@app.command("fit")
def fit_deck(
    deck: Deck,
    minutes: Annotated[float, typer.Option(min=1, help="The minutes that there are.")],
) -> None:
    """Print the running order of a deck that fits into so many minutes, and what falls away."""
    with _said():
        decks, segments = _decks()
        if deck not in decks:
            raise StageError(f"there is no deck {deck!r}; there are {', '.join(decks)}")
        if lost := [choice.segment for choice in decks[deck].choices if choice.segment not in segments]:
            raise StageError(f"{TALKS / deck}.md: there is no segment {', '.join(lost)}; {SEGMENTS} has those that there are")
        try:
            fitted = fit(decks[deck], segments, minutes, may_drop=True)
        except CannotFit as error:
            raise StageError(f"{deck}: {error}") from None
        print_fitted(deck, fitted, segments, Console())


@app.command()
def letters(visit: Annotated[Path, typer.Argument(help="A visit file.")] = NEUTRAL, to: To = SENT) -> None:
    """Write the letters and sheets of a visit: text to paste, and a PDF (A4) of each that is used on paper."""
    with _said():
        filled_in = fill_in_letters(read_visit(visit), LETTERS, TALKS)
        with browser.headless() as chromium:
            for path in write_letters(filled_in, to, chromium, THEME, lambda text: print(f"roadshow: {text}", file=sys.stderr)):
                print(path)
        for letter in filled_in:
            if letter.left_out:
                print(f"left out: {letter.name}. {letter.left_out}")


@app.command("follow-up")
def follow_up(visit: Annotated[Path, typer.Argument(help="A visit file.")], to: To = REPORTS) -> None:
    """Say which measures of a visit's goals are due, and write the report; the first time, write the table of goals to fill in.

    The table is a CSV beside the visit's file. An overdue measure is a warning. The report shows no count from 1 to 4.
    """
    with _said():
        read, table = read_visit(visit), follow_up_file(visit)
        if not table.exists():
            with written(table) as draft:
                draft.write_text(DRAFT, encoding="utf-8")
            print(f"Written: {table}, with goals to change. Note the baselines before the visit; then run this again.")
            return
        goals, today = read_follow_up(table), date.today()
        print_follow_up(goals, missing(goals, read.visit.start, read.visit.end), today, Console())
        print(f"report: {write_follow_up(goals, read, today, to / f'{read.name}.html')}")


@app.command()
def run(
    segment: Annotated[str, typer.Argument(help="The name of a segment, or a file: a copy that you have changed.")],
    visit: Annotated[Path, typer.Option(help="The visit whose data and cluster the cells have.")] = NEUTRAL,
) -> None:
    """Run the cells of one segment and print what they show; change a copy, and try to break it. Exit status 1 if a cell fails."""
    with _said():
        page = Path(segment) if segment.endswith(".md") else SEGMENTS / f"{segment}.md"
        run_segment(page, Path.cwd(), read_visit(visit), Console(highlight=False, soft_wrap=True))


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


@app.command()
def ledger(store: Annotated[Path, typer.Option(help="The folder of the stored outputs.")] = STORE) -> None:
    """List the last run of every cell: its line, time, peak memory and a digest of its outputs; the slowest page first."""
    with _said():
        print_ledger(read_ledger(store), Console())


@app.command()
def record(store: Annotated[Path, typer.Option(help="The folder of the stored outputs.")] = STORE) -> None:
    """Keep what the segments that require programs gave here, in talks/recorded, for builds where these programs are not."""
    with _said():
        for path in record_outputs(store, RECORDED):
            print(path)


@app.command()
def catalogues(
    pages: Annotated[list[str] | None, typer.Argument(help="Pages to begin with, such as guide/presenting.")] = None,
    templates: Annotated[Path, typer.Option(help="What sphinx-build -b gettext wrote.")] = Path("_build/gettext"),
) -> None:
    """Bring the catalogues of the translations, in locales, up to date with what pages, slides and tables say now."""
    with _said():
        for path in update_catalogues(templates, Path("locales"), Path.cwd(), NEUTRAL, pages or []):
            print(path)


@app.command()
def drift(
    other: Annotated[Path, typer.Argument(help="The stored outputs of the other build.")],
    store: Annotated[Path, typer.Option(help="The folder of the stored outputs.")] = STORE,
) -> None:
    """Compare every figure that the slides state with what another build computed, such as one with other packages.

    Exit status 1 if one has drifted by more than its tolerance.
    """
    with _said():
        found = find_drift(store, other, Path.cwd())
        print_drift(found, count_figures(store), warnings(other), Console(soft_wrap=True, highlight=False))
    raise typer.Exit(1 if found else 0)


def _decks() -> tuple[dict[str, DeckModel], dict[str, Segment]]:
    decks = read_decks(TALKS)
    if not decks:
        raise StageError(f"{TALKS}: there are no decks in this folder; run the command in the project's folder")
    return decks, read_segments(SEGMENTS)


def _asked() -> Answers:
    """The answers of the person at the terminal; a wrong one is asked for again."""
    name = typer.prompt("The institution's name, in full")
    return Answers(
        name=name,
        short_name=typer.prompt("What people call it", default=name),
        kind=typer.prompt("What it is", default="weather service", value_proc=_one_of(get_args(Kind))),
        country=typer.prompt("Its country"),
        region=typer.prompt("Its part of the world", default="Europe", value_proc=_one_of(get_args(Region))),
        city=typer.prompt("The city where you meet"),
        timezone=typer.prompt("Its time zone", default="Europe/London", value_proc=_zone),
        start=typer.prompt("The first day, such as 2027-05-11", value_proc=_day),
        days=typer.prompt("How many days", default="2", value_proc=_days),
        maintainer=typer.prompt("Who is the maintainer", default="The maintainer"),
        scientist=typer.prompt("Who is the scientist", default="The scientist"),
        ally=typer.prompt("Who invited you", default="The ally inside"),
        group=typer.prompt("Their group", default="The group that invited us"),
    )


def _one_of(words: tuple[str, ...]) -> Callable[[str], str]:
    def chosen(text: str) -> str:
        found = [word for word in words if word.casefold() == text.strip().casefold()]
        if not found:
            raise BadParameter(f"write one of: {', '.join(words)}")
        return found[0]

    return chosen


def _days(text: str) -> int:
    if not text.strip().isdecimal() or not 1 <= int(text) <= 31:
        raise BadParameter(f"{text!r} is no number of days from 1 to 31")
    return int(text)


def _zone(text: str) -> str:
    try:
        return known_zone(text.strip())
    except PydanticCustomError as error:
        raise BadParameter(f"that {error.message()}") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadParameter(f"{text!r} is no day; write year, month and day, such as 2027-05-11") from None


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
    except (CatalogueError, TableError, LedgerError, LetterError, StageError, VisitError) as error:
        sys.exit(f"roadshow: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
