"""What is carried on a stick, made of the decks themselves."""

from __future__ import annotations

import io

import pytest
import webvtt
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from roadshow.stage.built import find_all, read_slides
from roadshow.stage.captions import captions
from roadshow.stage.export import export

READY = "Reveal.isReady() && document.fonts.status === 'loaded'"


@pytest.fixture(scope="module")
def decks(built):
    return find_all(built)


@pytest.fixture(scope="module", params=["it-first", "science-first"])
def deck(request, decks):
    return decks[request.param]


@pytest.fixture(scope="module")
def stick(deck, chromium, tmp_path_factory):
    """The four files of a deck, by the end of their names."""
    made = export(deck, tmp_path_factory.mktemp("stick"), chromium)
    return dict(zip(("html", "pdf", "notes", "handout"), made, strict=True))


def fonts_of(part):
    """The fonts of a page, and of the groups that it is drawn from."""
    resources = part.get("/Resources", DictionaryObject()).get_object()
    groups = [group.get_object() for group in resources.get("/XObject", DictionaryObject()).get_object().values()]
    own = [font.get_object() for font in resources.get("/Font", DictionaryObject()).get_object().values()]
    return own + [font for group in groups for font in fonts_of(group)]


def is_embedded(font):
    """A Type 3 font is drawn in the file itself; any other brings its file along."""
    if font["/Subtype"] == "/Type3":
        return True
    descendant = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
    return any(f"/FontFile{number}" in descendant["/FontDescriptor"].get_object() for number in ("", 2, 3))


def test_the_pdf_has_a_page_a_slide_with_text_to_select_and_its_fonts(deck, stick):
    slides, pages = read_slides(deck), PdfReader(stick["pdf"]).pages
    assert len(pages) == len(slides)
    for slide, page in zip(slides, pages, strict=True):
        words = {word for word in slide.title.split() if word.isascii() and word.isalpha()}
        assert words <= set(page.extract_text().replace(";", " ").replace(",", " ").replace(":", " ").split()), slide.id
        assert fonts_of(page)
        assert all(is_embedded(font) for font in fonts_of(page))


def test_the_notes_have_a_page_a_slide(deck, stick):
    slides, pages = read_slides(deck), PdfReader(stick["notes"]).pages
    assert len(pages) == len(slides)
    for slide, page in zip(slides, pages, strict=True):
        said = " ".join(" ".join(slide.notes).split()[:4])
        assert said in " ".join(page.extract_text().split()), slide.id


def test_the_handout_is_a4_and_spells_out_every_link(deck, stick):
    reader = PdfReader(stick["handout"])
    assert [float(length) for length in reader.pages[0].mediabox[2:]] == pytest.approx([595, 842], abs=1)
    text = "".join("".join(page.extract_text().split()) for page in reader.pages)
    assert "https://arxiv.org/abs/2404.18429" in text or "https://dtcenter.org/events/seminar/2759" in text
    assert len(reader.pages) < len(read_slides(deck)) / 2


def test_the_one_file_opens_offline_with_its_speaker_view(deck, stick, chromium):
    context = chromium.new_context(bypass_csp=True, viewport={"width": 1280, "height": 720}, offline=True)
    asked, errors = [], []
    context.on("request", lambda request: asked.append(request.url) if not request.url.startswith(("data:", "about:")) else None)
    page = context.new_page()
    page.on("console", lambda told: errors.append(told.text) if told.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(stick["html"].as_uri())
    page.wait_for_function(READY)
    assert asked == [stick["html"].as_uri()]
    slides = read_slides(deck)
    assert page.evaluate("Roadshow.flow().map(slide => slide.id)") == [slide.id for slide in slides]
    assert page.evaluate("document.fonts.check('20px \"Atkinson Hyperlegible Next\"')")
    page.evaluate("Promise.all([...document.images].map(image => image.decode()))")
    with context.expect_page() as opened:
        page.keyboard.press("s")
    view = opened.value
    view.wait_for_selector(".roadshow-panel tr", timeout=20000)
    page.keyboard.press("ArrowRight")
    said = " ".join(slides[1].notes[0].split()[:5])
    view.wait_for_function(
        "said => document.querySelector('.speaker-controls-notes .value').textContent.replace(/\\s+/g, ' ').includes(said)",
        arg=said,
    )
    assert {url.split("?")[0].split("#")[0] for url in asked} == {stick["html"].as_uri()}
    assert errors == []
    context.close()


def test_the_captions_last_as_long_as_the_talk(deck):
    slides = read_slides(deck)
    cues = list(webvtt.from_buffer(io.StringIO(captions(slides))))
    assert cues[-1].end_in_seconds == sum(slide.seconds for slide in slides)
    assert {cue.voice for cue in cues} == {"The maintainer", "The scientist"}
    # A caption that is gone before it is read is none: at most 25 letters a second.
    assert all(len(cue.text) <= 25 * (cue.end_in_seconds - cue.start_in_seconds + 1) for cue in cues)
