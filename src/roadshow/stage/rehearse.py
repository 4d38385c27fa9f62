"""Walk every slide and fragment of a deck in a real browser, and say what the back row could not read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from playwright.sync_api import Browser, Page

from roadshow.stage.built import BuiltDeck
from roadshow.stage.contrast import washed_out_faults

SIZE = {"width": 1280, "height": 720}
THEMES = ("light", "dark")
_WALK = "Reveal.slide(...Object.values(Reveal.getIndices(Reveal.getSlides()[{}])).slice(0, 2))"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: its kind, and a sentence."""

    kind: str
    message: str


@dataclass
class Rehearsed:
    """A slide as it was found; `picture` is its JPEG."""

    id: str
    title: str
    segment: str
    speaker: str
    seconds: int
    words: int
    note_words: int
    backup: bool
    picture: bytes = field(repr=False)
    faults: list[Fault]


@dataclass(frozen=True)
class Rehearsal:
    """A deck as it was found. `faults` are those of the deck as a whole."""

    deck: str
    slot: float
    slides: list[Rehearsed]
    faults: list[Fault]

    @property
    def minutes(self) -> float:
        """The minutes that the deck takes."""
        return sum(slide.seconds for slide in self.slides) / 60

    def by_speaker(self) -> dict[str, float]:
        """The minutes of each speaker."""
        told = [slide for slide in self.slides if slide.speaker]
        return {name: sum(s.seconds for s in told if s.speaker == name) / 60 for name in dict.fromkeys(s.speaker for s in told)}

    def hand_overs(self) -> list[tuple[float, str, str]]:
        """Where the speaker changes: the minute, who comes, and with which slide."""
        told = [slide for slide in self.slides if slide.speaker]
        found, minute = [], 0.0
        for before, after in pairwise(told):
            minute += before.seconds / 60
            if after.speaker != before.speaker:
                found.append((minute, after.speaker, after.title))
        return found

    @property
    def fault_count(self) -> int:
        """How many things are wrong."""
        return len(self.faults) + sum(len(slide.faults) for slide in self.slides)

    def as_json(self) -> dict[str, Any]:
        """All of it but the pictures, for a machine."""
        slides = [{key: value for key, value in asdict(slide).items() if key != "picture"} for slide in self.slides]
        return {
            "deck": self.deck,
            "slot_minutes": self.slot,
            "minutes": round(self.minutes, 2),
            "minutes_by_speaker": {name: round(minutes, 2) for name, minutes in self.by_speaker().items()},
            "hand_overs": [{"minute": round(m, 2), "to": who, "with": title} for m, who, title in self.hand_overs()],
            "faults": [asdict(fault) for fault in self.faults],
            "slides": slides,
        }


def rehearse(deck: BuiltDeck, browser: Browser, progress: Callable[[int, int], None] = lambda done, total: None) -> Rehearsal:
    """Walk the deck from its file, with no server and no network.

    Args:
        deck: the built deck.
        browser: a browser that is open.
        progress: told after each slide how many are done, of how many.
    """
    with _opened(deck, browser) as (page, events):
        ids = page.evaluate("Reveal.getSlides().map(slide => slide.id)")
        slides = []
        for number in range(len(ids)):
            slides.append(_slide(page, number, deck, events))
            progress(len(slides), len(ids))
        slot = float(page.evaluate("document.querySelector('.reveal').dataset.slot ?? 0"))
    told = [slide for slide in slides if not slide.backup]
    rehearsal = Rehearsal(deck.name, slot, slides, [])
    if rehearsal.minutes > slot > 0:
        rehearsal.faults.append(Fault("slot", f"{len(told)} slides take {rehearsal.minutes:g} minutes and the slot is {slot:g}"))
    return rehearsal


@contextmanager
def _opened(deck: BuiltDeck, browser: Browser) -> Iterator[tuple[Page, list[Fault]]]:
    """The deck in a page of its own, and the list to which everything goes that it should not do."""
    page = browser.new_page(viewport={"width": SIZE["width"], "height": SIZE["height"]}, reduced_motion="reduce")
    events: list[Fault] = []

    def on_request(url: str) -> None:
        if not url.startswith(("file:", "data:", "blob:")):
            events.append(Fault("request", f"asks the network for {url}"))

    page.route(lambda url: not url.startswith(("file:", "data:", "blob:")), lambda route: route.abort())
    page.on("request", lambda request: on_request(request.url))
    page.on("console", lambda told: events.append(Fault("console", told.text)) if told.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: events.append(Fault("console", str(error))))
    try:
        page.goto(deck.path.absolute().as_uri())
        page.wait_for_function("Reveal.isReady() && document.fonts.status === 'loaded'")
        page.add_script_tag(content=_axe())
        yield page, events
    finally:
        page.close()


def _slide(page: Page, number: int, deck: BuiltDeck, events: list[Fault]) -> Rehearsed:
    page.evaluate(_WALK.format(number))
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found: dict[tuple[str, str], Fault] = {}
    while True:
        state = page.evaluate(_rehearse_js())
        for fault in state["faults"]:
            found.setdefault((fault["kind"], fault["message"]), Fault(**fault))
        if not page.evaluate("Reveal.availableFragments().next"):
            break
        page.evaluate("Reveal.nextFragment()")
    facts = page.evaluate("""() => { const s = Reveal.getCurrentSlide(); return {id: s.id, title: (s.querySelector('h1, h2')?.textContent ?? '').trim(),
        segment: s.dataset.segmentTitle ?? '', speaker: s.dataset.speakerName ?? '', backup: s.classList.contains('backup') || s.dataset.depth === 'brief',
        seconds: Number(s.dataset.timing ?? 0)} }""")
    if facts["backup"]:
        facts["seconds"] = 0
    faults = [*found.values(), *_dead_links(deck, state["links"]), *_seen_by_axe(page), *events]
    events.clear()
    picture = page.screenshot(type="jpeg", quality=80)
    return Rehearsed(**facts, words=state["words"], note_words=state["notes"], picture=picture, faults=faults)


def _dead_links(deck: BuiltDeck, links: list[str]) -> list[Fault]:
    targets = {link: deck.path.parent / unquote(link.split("#")[0].split("?")[0]) for link in links}
    return [Fault("dead-link", f"{link} is not in the built site") for link, path in targets.items() if not path.exists()]


def _seen_by_axe(page: Page) -> list[Fault]:
    faults: list[Fault] = []
    for theme in THEMES:
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        rules = "" if theme == THEMES[0] else ", runOnly: ['color-contrast']"
        result = page.evaluate(f"axe.run(Reveal.getCurrentSlide(), {{preload: false, resultTypes: ['violations', 'passes']{rules}}})")
        for rule in result["violations"]:
            kind = "contrast" if rule["id"] == "color-contrast" else "accessibility"
            faults += [Fault(kind, f"{theme}: {rule['help']}: {node['html'][:80]}") for node in rule["nodes"][:2]]
        passed = [node for rule in result["passes"] if rule["id"] == "color-contrast" for node in rule["nodes"]]
        faults += [Fault("washed-out", f"{theme}: {text}") for text in washed_out_faults(passed)]
    page.evaluate("theme => document.documentElement.dataset.theme = theme", THEMES[0])
    return faults


def _rehearse_js() -> str:
    text = (files("roadshow.stage") / "rehearse.js").read_text(encoding="utf-8")
    return text.partition("\n")[2]


def _axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
