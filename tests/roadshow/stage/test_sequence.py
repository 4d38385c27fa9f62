"""Figures that follow each other on a slide: once, within five seconds, and nowhere but on a screen that may move."""

import io
from importlib.resources import files

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from roadshow.stage.browser import opened
from roadshow.stage.export import export
from roadshow.stage.rehearse import rehearse

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#e69f00")
CSS = (files("roadshow.sphinx") / "static" / "deck.css").read_text(encoding="utf-8")
SHOWN = """() => [...document.querySelectorAll('.present .tag_sequence img')]
  .flatMap((image, i) => getComputedStyle(image).visibility === 'visible' ? [i] : [])"""
OURS = "document.getAnimations().filter(animation => animation.animationName?.startsWith('roadshow'))"
AT = f"time => {OURS}.forEach(animation => {{ animation.pause(); animation.currentTime = time; }})"
PLAYING = f"() => {OURS}.map(animation => animation.effect.getComputedTiming().endTime)"


@pytest.fixture
def make_sequence(make_deck, slide):
    """A deck with the deck's own style, and on its second slide so many figures in a sequence."""

    def make(figures):
        images = "".join(f'<img src="{number}.png" alt="A field" width="1100" height="550">' for number in range(figures))
        cell = f'<div class="cell tag_sequence docutils container"><div class="cell_output docutils container">{images}</div></div>'
        deck = make_deck(slide("before", "<p>Words.</p>"), slide("sequence", cell), head=f"<style>{CSS}</style>")
        for number, colour in enumerate(COLOURS[:figures]):
            Image.new("RGB", (1800, 900), colour).save(deck.path.with_name(f"{number}.png"))
        return deck

    return make


def _go(page, name):
    page.evaluate("name => (location.hash = `#/${name}`)", name)
    page.wait_for_function("name => Reveal.getCurrentSlide().id === name", arg=name)


@pytest.mark.parametrize("figures", [1, 2, 3, 4])
def test_each_is_shown_once_and_the_first_stays(make_sequence, chromium, figures):
    deck, moving = make_sequence(figures), {"reduced_motion": "no-preference"}
    with opened(chromium, deck.path, before=lambda page: page.emulate_media(**moving)) as page:
        assert page.evaluate(PLAYING) == []
        for _ in range(2):  # and again when one comes back to the slide
            _go(page, "sequence")
            if figures > 1:
                assert max(page.evaluate(PLAYING)) == 1500 * (figures - 1) < 5000
            for number in range(1, figures):
                page.evaluate(AT, 1500 * number - 750)
                assert page.evaluate(SHOWN) == [number]
            page.evaluate(AT, 1500 * (figures - 1) + 1)
            assert page.evaluate(SHOWN) == [0]
            _go(page, "before")


def test_less_motion_is_none(make_sequence, chromium):
    with opened(chromium, make_sequence(4).path) as page:
        _go(page, "sequence")
        assert page.evaluate(PLAYING) == []
        assert page.evaluate(SHOWN) == [0]


def test_paper_and_a_rehearsal_have_the_first(make_sequence, chromium, tmp_path):
    deck = make_sequence(4)
    for path in export(deck, tmp_path, chromium)[1:]:
        pictures = [image.image for page in PdfReader(io.BytesIO(path.read_bytes())).pages for image in page.images]
        assert len(pictures) == 1, path.name
        assert np.abs(np.asarray(pictures[0].convert("RGB"), int) - (0x00, 0x72, 0xB2)).max() < 8
    rehearsal = rehearse(deck, chromium)
    picture = Image.open(io.BytesIO(rehearsal.slides[1].picture)).convert("RGB")
    assert np.abs(np.asarray(picture, int)[300:400, 500:700] - (0x00, 0x72, 0xB2)).max() < 12
    assert [fault for fault in rehearsal.slides[1].faults if "picture" in fault.kind or fault.kind == "overflow"] == []
