"""What is carried on a stick: whole, self-contained, and readable without the site."""

from __future__ import annotations

import base64
import io
import re
import unicodedata

import pytest
from bs4 import BeautifulSoup
from PIL import Image
from pypdf import PdfReader

from roadshow.stage import StageError
from roadshow.stage.export import export
from roadshow.stage.files import written
from roadshow.stage.single import one_file

PICTURE = '<img src="good.png" alt="A blue field" width="1100" height="550">'


@pytest.fixture
def deck(make_deck, slide, backup):
    return make_deck(
        slide(
            "first",
            '<p>See <a href="../index.html">the site</a>, <a href="https://example.org/a">a paper</a>.</p>',
            "<p>Hello.</p>",
        ),
        slide("second", PICTURE, "<p>A field, all blue.</p>", speaker="The scientist", timing=90),
        backup,
        script="const a = '</scr' + 'ipt>';",
    )


def text_of(page):
    """The words of a page; a ligature of its font counts as the letters it joins."""
    return " ".join(unicodedata.normalize("NFKC", page.extract_text()).split())


def test_one_file_loads_nothing_and_shows_the_same(deck, chromium, tmp_path):
    path = tmp_path / "stick" / "small.html"
    path.parent.mkdir()
    path.write_text(one_file(deck), encoding="utf-8")
    html = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    assert [tag for tag in html.select("[src]") if not tag["src"].startswith("data:")] == []
    assert html.select("link[rel=stylesheet]") == []
    page = chromium.new_page(bypass_csp=True)
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url) if not request.url.startswith("data:") else None)
    page.on("console", lambda told: errors.append(told.text))
    page.goto(path.as_uri())
    page.wait_for_function("Reveal.isReady() && [...document.images].every(image => image.complete)")
    assert asked == [path.as_uri()]
    assert errors == []
    assert page.evaluate("[document.images[0].naturalWidth, document.images[0].naturalHeight]") == [1800, 900]
    assert page.evaluate("getComputedStyle(document.querySelector('.reveal .slides')).position") == "absolute"
    page.close()


def test_a_picture_in_one_file_keeps_its_colours(deck):
    [source] = re.findall(r"data:image/avif;base64,([^\"]+)", one_file(deck))
    shown = Image.open(io.BytesIO(base64.b64decode(source))).convert("RGB").getpixel((900, 450))
    assert shown == pytest.approx((0x00, 0x72, 0xB2), abs=3)


def test_a_link_to_the_site_leads_to_the_published_one_or_nowhere(deck, make_deck, slide):
    links = BeautifulSoup(one_file(deck), "html.parser").select("a[href]")
    assert [link["href"] for link in links] == ["https://example.org/a"]
    head = '<link rel="canonical" href="https://example.org/book/talks/small-slides.html">'
    published = make_deck(slide("first", '<a href="../index.html">the site</a>'), head=head)
    [link] = BeautifulSoup(one_file(published), "html.parser").select("a[href]")
    assert link["href"] == "https://example.org/book/index.html"


def test_a_file_that_is_missing_is_named(deck):
    (deck.path.parent / "good.png").unlink()
    with pytest.raises(StageError, match=r"good\.png: a file that the deck loads is not there; build again: make site"):
        one_file(deck)


def test_the_papers_hold_slides_notes_and_the_addresses_of_links(deck, chromium, tmp_path):
    told = []
    made = export(deck, tmp_path / "stick", chromium, lambda *done: told.append(done))
    assert [path.name for path in made] == ["small.html", "small.pdf", "small-notes.pdf", "small-handout.pdf"]
    assert sorted(path.name for path in (tmp_path / "stick").iterdir()) == sorted(path.name for path in made)
    assert ("html", 1, 1) in told
    assert told[-1] == ("handout", 1, 1)
    notes, handout = PdfReader(made[2]), PdfReader(made[3])
    assert [float(length) for length in notes.pages[0].mediabox[2:]] == pytest.approx([595, 842], abs=1)
    assert len(notes.pages) == 2
    assert "Hello." in text_of(notes.pages[0])
    assert "https://example.org/a" in text_of(notes.pages[0])
    assert "2 · The scientist · 1.5 min A field, all blue." in text_of(notes.pages[1])
    assert len(handout.pages) == 1
    assert "https://example.org/a" in text_of(handout.pages[0])
    assert "Asked?" not in text_of(handout.pages[0])


def test_a_folder_that_cannot_be_made_is_named(deck, chromium, tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StageError, match=r"taken/small\.html: cannot be written \(File exists\)"):
        export(deck, tmp_path / "taken", chromium)


def test_a_failure_in_mid_write_leaves_the_old_file_and_no_draft(tmp_path):
    path = tmp_path / "kept.txt"
    path.write_text("old")

    def fail():
        with written(path) as draft:
            draft.write_text("half")
            raise OSError(28, "No space left on device")

    with pytest.raises(StageError, match=r"kept\.txt: cannot be written \(No space left on device\); name another folder"):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
