"""Captions that a second parser reads, in time with the slides."""

from __future__ import annotations

import io
from itertools import pairwise

import pytest
import webvtt

from roadshow.stage.built import BuiltSlide, read_slides
from roadshow.stage.captions import captions

LONG = "One sentence that is much longer than two lines of a caption can hold, so that it has to be cut. " * 3


def parsed(slides):
    return list(webvtt.from_buffer(io.StringIO(captions(slides))))


def test_captions_fill_the_seconds_of_their_slides():
    slides = [
        BuiltSlide("a", "A", "", 0, ()),
        BuiltSlide("b", "B", "The maintainer", 60, (LONG, "Short.")),
        BuiltSlide("c", "C", "The scientist", 3600, ("x < y & z",)),
    ]
    cues = parsed(slides)
    assert (cues[0].start_in_seconds, cues[-1].start_in_seconds, cues[-1].end_in_seconds) == (0, 60, 3660)
    assert all(first.end == second.start for first, second in pairwise(cues))
    assert cues[-1].voice == "The scientist"
    assert {cue.voice for cue in cues[:-1]} == {"The maintainer"}
    assert " ".join(" ".join(cue.text.split()) for cue in cues[:-1]) == f"{LONG.strip()} Short."
    assert all(len(line) <= 42 for cue in cues for line in cue.text.splitlines())
    assert all(len(cue.text.splitlines()) <= 2 for cue in cues)
    assert "x &lt; y &amp; z" in captions(slides)


def test_what_is_not_spoken_is_not_captioned(make_deck, slide, backup):
    notes = (
        '<p>Said.</p><ul><li><p>Said too.</p></li></ul><div class="counter-evidence"><p>Ready.</p><ul><li>Not said.</li></ul></div>'
    )
    deck = make_deck(
        slide("one", "<p>x</p>", notes + '<p class="hand-over">Over to the other.</p>'),
        slide("two", "<p>y</p>", "<p>Short version.</p>", depth="brief", visibility="uncounted"),
        backup,
    )
    [read] = read_slides(deck)
    assert read == BuiltSlide("one", "one", "The maintainer", 60, ("Said.", "Said too."))
    assert [cue.text for cue in parsed([read])] == ["Said.", "Said too."]


def test_while_the_room_works_there_is_no_caption(make_deck, slide):
    deck = make_deck(slide("one", "<p>x</p>", "<p>Begin.</p>", timing=540, work=480), slide("two", "<p>y</p>", "<p>Then.</p>"))
    first, second = parsed(read_slides(deck))
    assert (first.start_in_seconds, first.end_in_seconds, second.start_in_seconds) == (0, 60, 540)


@pytest.mark.parametrize("notes", ["", "<p> </p>"])
def test_a_slide_without_notes_leaves_its_time_silent(make_deck, slide, notes):
    deck = make_deck(slide("one", "<p>x</p>", notes), slide("two", "<p>y</p>", "<p>Then.</p>"))
    [cue] = parsed(read_slides(deck))
    assert (cue.start_in_seconds, cue.end_in_seconds) == (60, 120)
