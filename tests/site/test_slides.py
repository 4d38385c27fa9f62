"""A real Chromium over every slide of every deck, and over the pages at a desk and on a phone."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
DECKS = sorted(
    path.name.removesuffix(".md") for path in (ROOT / "talks").glob("*.md") if "{deck}" in path.read_text(encoding="utf-8")
)
SOURCES = [ROOT / "index.md", *sorted((ROOT / "guide").glob("*.md")), *sorted((ROOT / "talks").rglob("*.md"))]
PAGES = [str(path.relative_to(ROOT).with_suffix("")) for path in SOURCES]

FAULTS = (Path(__file__).parent / "faults.js").read_text(encoding="utf-8").partition("\n")[2]


@pytest.mark.parametrize("deck", DECKS)
def test_every_slide_fits_and_asks_nothing_of_the_network(deck, address, watched):
    page, errors, requests = watched
    page.goto(f"{address}/talks/{deck}-slides.html")
    page.wait_for_function("Reveal.isReady() && document.fonts.status === 'loaded'")
    count = page.evaluate("Reveal.getTotalSlides()")
    assert count > 20
    faults, seen = {}, []
    for number in range(count):
        page.evaluate(f"Reveal.slide({number})")
        page.wait_for_timeout(30)
        seen.append(page.evaluate("Reveal.getCurrentSlide().id"))
        if found := page.evaluate(FAULTS):
            faults[seen[-1]] = found
    assert len(set(seen)) == count
    assert faults == {}
    assert errors == []
    assert {urlsplit(url).netloc for url in requests if not url.startswith("data:")} == {urlsplit(address).netloc}


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
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.goto(f"{address}/talks/{deck}-slides.html#/1")
    page.wait_for_function("Reveal.isReady()")
    said = page.evaluate("Reveal.getCurrentSlide().querySelector('aside.notes').textContent.trim()")
    with context.expect_page() as opened:
        page.keyboard.press("s")
    view = opened.value
    view.wait_for_function("document.querySelector('.speaker-controls-notes .value')?.textContent.trim().length > 0", timeout=20000)
    assert said[:60] in view.text_content(".speaker-controls-notes .value")
    view.wait_for_selector("h4.pacing-title", state="visible")
    context.close()


@pytest.mark.parametrize("deck", DECKS)
def test_every_slide_of_a_segment_has_notes(deck, address, watched):
    page, _, _ = watched
    page.goto(f"{address}/talks/{deck}-slides.html")
    page.wait_for_function("Reveal.isReady()")
    silent = page.evaluate(
        "[...document.querySelectorAll('section[data-timing]')].filter(s => !s.querySelector('aside.notes')).map(s => s.id)"
    )
    assert silent == []


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_fits_its_window_and_asks_nothing_of_the_network(name, width, scheme, address, chromium):
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
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
    page.close()
