"""The speaker's window: its clock, its hand-over, its copies of the slides and its keys, in a real browser."""

from __future__ import annotations

import pytest

from roadshow.stage.built import read_slides

READY = "Reveal.isReady() && document.fonts.status === 'loaded'"
SHOWN = "Reveal.getCurrentSlide().id"


@pytest.fixture
def view(page, context):
    with context.expect_page() as opened:
        page.keyboard.press("s")
    shown = opened.value
    shown.wait_for_selector(".roadshow-panel tr", timeout=20000)
    shown.wait_for_function("document.querySelectorAll('iframe').length === 2", timeout=20000)
    for copy in shown.frames[1:]:
        copy.wait_for_function("window.Reveal?.isReady()", timeout=20000)
    return shown


def test_the_speaker_view_tells_the_hand_over_and_who_has_to_be_ready(page, view, deck, go):
    slides = read_slides(deck)
    told = [slide for slide in slides if slide.speaker]
    last = next(i for i, slide in enumerate(told) if told[i + 1].speaker != slide.speaker)
    go(page, told[0].id)
    until = sum(slide.seconds for slide in told[: last + 1])
    view.wait_for_function("name => document.querySelector('.roadshow-panel').textContent.includes(name)", arg="The scientist: in")
    wait = view.locator(".roadshow-panel p").first.inner_text()
    minutes, seconds = map(int, wait.split("in ")[1].split(",")[0].split(":"))
    assert 60 * minutes + seconds == pytest.approx(until, abs=5)
    assert wait.endswith("A seasonal ensemble")
    go(page, told[last].id)
    view.wait_for_selector(".roadshow-panel strong")
    assert view.locator(".roadshow-panel strong").inner_text() == "Hand over to The scientist: A seasonal ensemble"
    view.wait_for_selector(".speaker-controls-notes .hand-over")
    assert view.locator(".speaker-controls-notes .hand-over").inner_text() == view.locator(".roadshow-panel strong").inner_text()


def test_the_panel_counts_by_segment_speaker_and_talk_and_is_reset_with_the_timer(page, view, deck, go):
    slides = read_slides(deck)
    speaker = sum(slide.seconds for slide in slides if slide.speaker == "The maintainer")
    go(page, slides[1].id)
    page.evaluate("Roadshow.clock.tick(Date.now() + 90_000)")
    facts = page.evaluate("Roadshow.clock.told()")
    assert facts["speaker"]["total"] == speaker
    assert facts["talk"]["slot"] == 45 * 60
    assert facts["segment"]["spent"] == pytest.approx(90, abs=3)
    # One minute was planned for this slide, so the rest of the ninety seconds is behind.
    assert facts["talk"]["behind"] == pytest.approx(30, abs=3)
    view.locator(".timer").click()
    assert page.evaluate("Roadshow.clock.told().talk.spent") < 3


def test_the_copies_in_the_speaker_view_follow_the_cut_and_the_theme(page, view, deck, go):
    slides = read_slides(deck)
    start = next(slide for slide in slides if slide.id.startswith("a-worker-dies-a-worker"))
    go(page, start.id)
    page.keyboard.press("x")
    page.keyboard.press("d")
    view.wait_for_selector("#upcoming-slide iframe")
    current, upcoming = view.frames[1], view.frames[2]
    current.wait_for_function("Roadshow.getCut() < Infinity && document.documentElement.dataset.theme === 'dark'")
    upcoming.wait_for_function("Roadshow.getCut() < Infinity")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    shown = page.evaluate(SHOWN)
    current.wait_for_function("name => Reveal.getCurrentSlide().id === name", arg=shown)
    following = page.evaluate("Roadshow.flow()[Roadshow.flow().indexOf(Reveal.getCurrentSlide()) + 1].id")
    upcoming.wait_for_function("name => Reveal.getCurrentSlide().id === name", arg=following)
    assert not view.locator(".pacing").is_visible()


def test_an_answer_next_to_the_last_slide_shows_in_the_speaker_view_too(page, view, go):
    go(page, "end")
    view.frames[1].wait_for_function("Reveal.getCurrentSlide().id === 'end'")
    go(page, "it01")
    view.frames[1].wait_for_function("Reveal.getCurrentSlide().id === 'it01'")
    view.wait_for_function("document.querySelector('.speaker-controls-notes .value').textContent.startsWith('But:')")
    page.wait_for_timeout(800)
    assert page.evaluate(SHOWN) == "it01"


@pytest.mark.parametrize("copy", [False, True], ids=["window", "copy"])
def test_the_keys_work_in_the_speaker_view_and_the_room_does_not_see_what_is_sought(page, view, copy, go):
    go(page, "what-dask-is-what-dask-is-not")
    view.frames[1].wait_for_function("Reveal.getCurrentSlide().id === 'what-dask-is-what-dask-is-not'")
    (view.frames[1].locator("body") if copy else view.locator(".speaker-controls-notes")).click()
    view.keyboard.press("/")
    view.wait_for_selector("dialog.find[open]")
    view.keyboard.type("secure")
    assert page.locator("dialog.find[open]").count() == 0
    view.keyboard.press("Enter")
    page.wait_for_function(f"{SHOWN} === 'it01'")
    view.keyboard.press("Backspace")
    page.wait_for_function(f"{SHOWN} === 'what-dask-is-what-dask-is-not'")
    view.keyboard.press("x")
    page.wait_for_function("Roadshow.getCut() < Infinity")
    assert not page.evaluate("Reveal.isPaused()")


def test_the_clock_survives_a_reload(page, deck, go):
    go(page, read_slides(deck)[1].id)
    page.evaluate("Roadshow.clock.tick(Date.now() + 60_000)")
    page.reload()
    page.wait_for_function(READY)
    assert page.evaluate("Roadshow.clock.told().talk.spent") == pytest.approx(60, abs=3)


def test_both_windows_open_at_once_when_asked(context, address):
    page = context.new_page()
    with context.expect_page() as opened:
        page.goto(f"{address}/talks/it-first-slides.html?speaker")
    opened.value.wait_for_selector(".roadshow-panel tr", timeout=20000)
