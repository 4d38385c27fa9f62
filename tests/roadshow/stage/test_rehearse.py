"""A rehearsal finds each fault that was put into a deck, and none in a good one."""

from __future__ import annotations

import io
import json

import pytest
from bs4 import BeautifulSoup
from PIL import Image
from rich.console import Console

from roadshow.stage.contrast import ratio, required
from roadshow.stage.rehearse import rehearse
from roadshow.stage.report import print_rehearsal, write_report

WORDS = " ".join(["word"] * 41)
SEEDED = {
    "overflow": ('<p style="position: absolute; left: 1100px; width: 400px">Out of the slide</p>', {}),
    "small-text": ('<p style="font-size: 23px">Too small for the back row</p>', {}),
    "wide-code": ('<pre style="width: 300px">a_line_of_code = that_is(wider, than, its, block)</pre>', {}),
    "long-code": (f"<pre style='line-height: 1'>{chr(10).join(f'x{i} = {i}' for i in range(15))}</pre>", {}),
    "contrast": ('<p style="color: #777; background: #888">Grey on grey</p>', {}),
    "washed-out": ('<p style="color: #767676; background: #fff">Grey on white</p>', {}),
    "picture-pixels": ('<img src="coarse.png" alt="A square" width="600" height="450">', {}),
    "picture": ('<img src="lost.png" alt="A picture that is not there" width="600" height="450">', {}),
    "alternative-text": ('<img src="good.png" alt=" " width="1200" height="500">', {}),
    "words": (f"<p>{WORDS}</p>", {}),
    "no-notes": ("<p>Silence</p>", {"notes": ""}),
    "long-notes": ("<p>A speech</p>", {"notes": f"<p>{'word ' * 131}</p>"}),
    "request": ('<p>A tracker</p><img src="http://192.0.2.1/a.png" alt="A tracker" width="600" height="450">', {}),
    "dead-link": ('<p><a href="#/nowhere">Nowhere</a></p>', {}),
    "no-source": ("<p>It is 23 times as fast</p>", {}),
    "accessibility": ("<table><tr><th></th></tr><tr><td>A cell</td></tr></table>", {}),
}
GOOD = (
    '<p>It is 23 times as fast (<a href="https://example.org/">a paper</a>, 2024).</p><pre>x = 1</pre>'
    '<p class="fragment">More, then <a href="#/last">the last</a>.</p>'
)


@pytest.fixture
def good(make_deck, slide, backup):
    picture = '<img src="good.png" alt="A blue field" width="1100" height="550">'
    return make_deck(
        slide("first", GOOD),
        slide("second", "<ul><li>In 2018</li></ul>", timing=30),
        slide("last", picture, speaker="The scientist"),
        backup,
    )


def kinds(found):
    return {slide.id: {fault.kind for fault in slide.faults} for slide in found.slides}


def test_a_good_deck_has_no_fault(good, chromium):
    found = rehearse(good, chromium)
    assert [fault for slide in found.slides for fault in slide.faults] == []
    assert found.fault_count == 0
    assert [slide.words for slide in found.slides[:2]] == [14, 3]


def test_each_seeded_fault_is_found_on_its_slide(make_deck, slide, chromium):
    deck = make_deck(*(slide(kind, body, **told) for kind, (body, told) in SEEDED.items()), slot=60)
    found = kinds(rehearse(deck, chromium))
    missed = {kind for kind in SEEDED if kind not in found[kind]}
    assert missed == set()


@pytest.mark.parametrize(
    "kind", ["overflow", "words", "no-notes", "long-notes", "small-text", "dead-link", "no-source", "washed-out"]
)
def test_a_seeded_fault_brings_no_other(kind, make_deck, slide, chromium):
    body, told = SEEDED[kind]
    assert kinds(rehearse(make_deck(slide("one", body, **told)), chromium)) == {"one": {kind}}


def test_sources_at_the_foot_have_a_limit_of_their_own(make_deck, slide, chromium):
    forty = WORDS.removesuffix(" word")
    feet = {"full": f'<div class="claims"><p>{forty}</p></div>', "too-full": f'<div class="claims"><p>{WORDS}</p></div>'}
    found = rehearse(make_deck(*(slide(name, f"<p>Besides its sources.</p>{foot}") for name, foot in feet.items())), chromium)
    assert kinds(found) == {"full": set(), "too-full": {"words"}}
    assert [slide.words for slide in found.slides] == [4, 4]


def test_minutes_in_which_the_room_works_are_no_minutes_to_speak(make_deck, slide, chromium):
    said = {"notes": f"<p>{'word ' * 131}</p>", "timing": 540}
    deck = make_deck(slide("silent", "<p>Your turn</p>", **said, work=480), slide("spoken", "<p>A talk</p>", **said), slot=18)
    found = rehearse(deck, chromium)
    assert kinds(found) == {"silent": {"long-notes"}, "spoken": set()}
    assert found.minutes == 18


def test_a_fault_in_a_fragment_is_found(make_deck, slide, chromium):
    hidden = '<p class="fragment">First</p><p class="fragment" style="font-size: 20px">Then small</p>'
    assert kinds(rehearse(make_deck(slide("one", hidden)), chromium)) == {"one": {"small-text"}}


def test_what_runs_into_the_slide_number_is_found(make_deck, slide, chromium):
    low = '<p style="position: absolute; right: 0; bottom: 0">The last row</p>'
    [found] = rehearse(make_deck(slide("one", low)), chromium).slides
    assert [fault.message for fault in found.faults] == ["<p> runs into the slide number"]


def test_a_console_error_is_told_on_its_slide(make_deck, slide, chromium):
    script = 'Reveal.on("slidechanged", event => { if (event.currentSlide.id === "two") console.error("lost the thread"); });'
    found = rehearse(make_deck(slide("one", "<p>Fine</p>"), slide("two", "<p>Not</p>"), script=script), chromium)
    assert kinds(found) == {"one": set(), "two": {"console"}}


def test_a_link_to_a_page_that_is_not_built_is_dead(make_deck, slide, chromium):
    deck = make_deck(slide("one", '<p><a href="gone.html">Gone</a> <a href="good.png#x">Here</a></p>'))
    [found] = rehearse(deck, chromium).slides
    assert [fault.message for fault in found.faults] == ["gone.html is not in the built site"]


def test_a_deck_longer_than_its_slot_is_a_fault_of_the_deck(make_deck, slide, chromium):
    found = rehearse(make_deck(slide("one", "<p>Long</p>", timing=90), slot=1), chromium)
    assert [fault.kind for fault in found.faults] == ["slot"]
    assert found.fault_count == 1


def test_the_time_is_summed_by_speaker_and_the_hand_over_found(good, chromium):
    found = rehearse(good, chromium)
    assert found.minutes == 2.5
    assert found.by_speaker() == {"The maintainer": 1.5, "The scientist": 1.0}
    assert found.hand_overs() == [(1.5, "The scientist", "last")]


def test_the_reports_say_the_same(good, chromium, tmp_path):
    found = rehearse(good, chromium)
    sheet = write_report(found, tmp_path / "report")
    told = json.loads(sheet.with_suffix(".json").read_text(encoding="utf-8"))
    assert (told["minutes"], told["slot_minutes"], told["faults"]) == (2.5, 10, [])
    assert told["hand_overs"] == [{"minute": 1.5, "to": "The scientist", "with": "last"}]
    html = BeautifulSoup(sheet.read_text(encoding="utf-8"), "html.parser")
    assert (
        [item["id"] for item in html.select("ol > li")]
        == [slide["id"] for slide in told["slides"]]
        == ["first", "second", "last", "q1"]
    )
    assert all(image["src"].startswith("data:image/jpeg") for image in html.select("img"))
    assert Image.open(io.BytesIO(found.slides[0].picture)).size == (1280, 720)
    console = Console(record=True, width=120, file=io.StringIO())
    print_rehearsal(found, console)
    text = console.export_text()
    assert "2.5 of 10 minutes (The maintainer 1.5, The scientist 1)" in text
    assert "no fault" in text


def test_square_brackets_on_a_slide_are_printed_as_they_are(make_deck, slide, chromium):
    found = rehearse(make_deck(slide("one", '<p style="font-size: 20px">sst[/0] of [red]</p>', speaker="A [b]")), chromium)
    console = Console(record=True, width=120, file=io.StringIO())
    print_rehearsal(found, console)
    text = console.export_text()
    assert "20 px: “sst[/0] of [red]”" in text
    assert "A [b]" in text


def test_contrast_ratios_are_those_of_the_standard():
    # WCAG 2.2: black on white is 21; #767676 is the well-known lightest grey that still has 4.5 on white.
    assert ratio("#000000", "#ffffff") == pytest.approx(21)
    assert ratio("#ffffff", "#767676") == pytest.approx(4.54, abs=0.01)
    # By hand: contrast(0.6) turns black and white into 0.2 and 0.8, whose luminances are 0.0331 and 0.6038.
    assert ratio("#000000", "#ffffff", 0.6) == pytest.approx((0.6038 + 0.05) / (0.0331 + 0.05), rel=1e-3)
    assert (required(24, bold=False), required(23, bold=False), required(19, bold=True)) == (3.0, 4.5, 3.0)
