"""A real Chromium over every slide of every deck, and over the pages at a desk and on a phone."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from roadshow.deck import read_decks
from roadshow.stage.built import find
from roadshow.stage.rehearse import rehearse

ROOT = Path(__file__).parents[2]
DECKS = sorted(
    path.name.removesuffix(".md") for path in (ROOT / "talks").glob("*.md") if "{deck}" in path.read_text(encoding="utf-8")
)
SOURCES = [ROOT / "index.md", *sorted((ROOT / "guide").rglob("*.md")), *sorted((ROOT / "talks").rglob("*.md"))]
PAGES = [str(path.relative_to(ROOT).with_suffix("")) for path in SOURCES]


@pytest.mark.parametrize("deck", DECKS)
def test_a_rehearsal_finds_nothing(deck, built, chromium):
    found = rehearse(find(built, deck), chromium)
    lines = len(read_decks(ROOT / "talks")[deck].choices)
    assert len([slide for slide in found.slides if not slide.backup]) > lines + 2
    assert found.faults == []
    assert {slide.id: slide.faults for slide in found.slides if slide.faults} == {}


@pytest.mark.parametrize("deck", DECKS)
def test_a_deck_opens_from_the_disk(deck, built, watched):
    page, errors, requests = watched
    page.goto((built / "talks" / f"{deck}-slides.html").as_uri())
    page.wait_for_function("Reveal.isReady() && document.fonts.status === 'loaded'")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getState().indexh") == 1
    assert page.evaluate("document.fonts.check('20px \"Atkinson Hyperlegible Next\"')")
    assert errors == []
    assert {urlsplit(url).scheme for url in requests} <= {"file", "data"}


@pytest.mark.parametrize("deck", DECKS)
def test_the_speaker_view_shows_the_notes_and_the_pace(deck, address, chromium):
    context = chromium.new_context(bypass_csp=True, viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.goto(f"{address}/talks/{deck}-slides.html#/1")
    page.wait_for_function("Reveal.isReady()")
    said = page.evaluate("Reveal.getCurrentSlide().querySelector('aside.notes').textContent.trim()")
    with context.expect_page() as opened:
        page.keyboard.press("s")
    view = opened.value
    view.wait_for_function("document.querySelector('.speaker-controls-notes .value')?.textContent.trim().length > 0", timeout=20000)
    assert said[:60] in view.text_content(".speaker-controls-notes .value")
    view.wait_for_selector(".roadshow-panel tr")
    assert not view.locator(".pacing").is_visible()
    context.close()


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_fits_its_window_and_asks_nothing_of_the_network(name, width, scheme, address, chromium):
    page = chromium.new_page(bypass_csp=True, viewport={"width": width, "height": 900}, color_scheme=scheme)
    errors, hosts = [], set()
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.goto(f"{address}/{name}.html")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert errors == []
    assert hosts - {""} == {urlsplit(address).netloc}
    found = Axe().run(page).response["violations"]
    assert [(fault["id"], node["html"][:120]) for fault in found for node in fault["nodes"]] == []
    page.close()
