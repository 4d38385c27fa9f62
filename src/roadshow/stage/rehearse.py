"""Walk every slide and fragment of a deck in a real browser, and say what the back row could not read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib.resources import files
from itertools import pairwise
from typing import Any
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from roadshow.stage.browser import opened
from roadshow.stage.built import BuiltDeck
from roadshow.stage.contrast import washed_out_faults

THEMES = ("light", "dark")
_FACTS = """() => {
  const slide = Reveal.getCurrentSlide(), { segmentTitle, speakerName, timing, visibility } = slide.dataset;
  const backup = visibility === "uncounted";
  const told = backup ? { speaker: "", seconds: 0 } : { speaker: speakerName ?? "", seconds: Number(timing ?? 0) };
  const title = slide.querySelector("h1, h2")?.textContent.trim() ?? "";
  return { id: slide.id, title, segment: segmentTitle ?? "", ...told, backup };
}"""
_SLIDE_ABOUT = """address => [...document.querySelectorAll("section [src], section [href]")]
  .find(element => element.src === address || element.href === address)?.closest("section").id"""


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
    with _watched(deck, browser) as (page, watch):
        ids = page.evaluate("[...document.querySelectorAll('.slides > section')].map(slide => slide.id)")
        slides = []
        for watch.shown in ids:
            slides.append(_slide(page, watch.shown, deck))
            progress(len(slides), len(ids))
        whole = _tell(slides, watch.events, page)
        slot = float(page.evaluate("document.querySelector('.reveal').dataset.slot ?? 0"))
    rehearsal = Rehearsal(deck.name, slot, slides, whole)
    if rehearsal.minutes > slot > 0:
        rehearsal.faults.append(Fault("slot", f"the slides take {rehearsal.minutes:g} minutes and the slot is {slot:g}"))
    return rehearsal


@dataclass(frozen=True)
class _Event:
    """Something that the page did: the fault that it is, the address that it was about, and the slide that was shown."""

    fault: Fault
    address: str
    shown: str


@dataclass
class _Watch:
    """What the page did that it should not, and the slide that is shown."""

    events: list[_Event] = field(default_factory=list)
    shown: str = ""

    def note(self, kind: str, message: str, address: str = "") -> None:
        self.events.append(_Event(Fault(kind, message), address, self.shown))


@contextmanager
def _watched(deck: BuiltDeck, browser: Browser) -> Iterator[tuple[Page, _Watch]]:
    """The deck in a page of its own, which is watched."""
    watch = _Watch()
    with opened(browser, deck.path, before=partial(_listen, watch)) as page:
        page.add_style_tag(content="*, ::before, ::after { transition: none !important; animation: none !important; }")
        page.add_script_tag(content=(files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
        yield page, watch


def _listen(watch: _Watch, page: Page) -> None:
    def on_request(request: Request) -> None:
        if _is_outside(request.url):
            watch.note("request", f"asks for {request.url}", request.url)

    def on_console(told: ConsoleMessage) -> None:
        if told.type in {"error", "warning"}:
            watch.note("console", told.text, told.location["url"])

    page.route(_is_outside, lambda route: route.abort())
    page.on("request", on_request)
    page.on("console", on_console)
    page.on("pageerror", lambda error: watch.note("console", str(error)))


def _is_outside(address: str) -> bool:
    return not address.startswith(("file:", "data:", "blob:", "about:"))


def _tell(slides: list[Rehearsed], events: list[_Event], page: Page) -> list[Fault]:
    """Give each event to the slide that it is about, else to the one that was shown; return those of no slide."""
    by_id, whole = {slide.id: slide for slide in slides}, list[Fault]()
    for event in events:
        about = page.evaluate(_SLIDE_ABOUT, event.address) if event.address else None
        slide = by_id.get(about or event.shown)
        (slide.faults if slide else whole).append(event.fault)
    return whole


def _slide(page: Page, name: str, deck: BuiltDeck) -> Rehearsed:
    # A step would pass over a slide that is not in the flow, and reveal.js may write an older address over a new one.
    place = page.evaluate("name => [...document.querySelectorAll('.slides > section')].findIndex(slide => slide.id === name)", name)
    page.evaluate("place => Reveal.slide(place, 0, undefined, 'chosen')", place)
    page.wait_for_function("name => Reveal.getCurrentSlide().id === name", arg=name)
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found: dict[Fault, None] = {}
    while True:
        state = page.evaluate(_script("rehearse.js"))
        found |= dict.fromkeys(Fault(**fault) for fault in state["faults"])
        if not page.evaluate("Reveal.availableFragments().next"):
            break
        page.evaluate("Reveal.nextFragment()")
    facts = page.evaluate(_FACTS)
    picture = page.screenshot(type="jpeg", quality=80)
    faults = [*found, *_dead_links(deck, state["links"]), *_seen_by_axe(page)]
    return Rehearsed(**facts, words=state["words"], note_words=state["notes"], picture=picture, faults=faults)


def _dead_links(deck: BuiltDeck, links: list[str]) -> list[Fault]:
    targets = {link: deck.path.parent / unquote(urlsplit(link).path) for link in links}
    return [Fault("dead-link", f"{link} is not in the built site") for link, path in targets.items() if not path.exists()]


def _seen_by_axe(page: Page) -> list[Fault]:
    faults: list[Fault] = []
    for theme in THEMES:
        result = page.evaluate(_script("axe.js"), {"theme": theme, "all": theme == THEMES[0]})
        for rule in result["violations"]:
            kind = "contrast" if rule["id"] == "color-contrast" else "accessibility"
            faults += [Fault(kind, f"{theme}: {rule['help']}: {node['html'][:80]}") for node in rule["nodes"][:2]]
        unsure = [node for node in _contrast(result["incomplete"]) if node["any"][0]["data"]["messageKey"] != "shortTextContent"]
        faults += [Fault("contrast", f"{theme}: cannot be told over what lies behind: {node['html'][:80]}") for node in unsure[:2]]
        faults += [Fault("washed-out", f"{theme}: {text}") for text in washed_out_faults(_contrast(result["passes"]))]
    return faults


def _contrast(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [node for rule in rules if rule["id"] == "color-contrast" for node in rule["nodes"]]


def _script(name: str) -> str:
    return (files("roadshow.stage") / name).read_text(encoding="utf-8").partition("\n")[2]
