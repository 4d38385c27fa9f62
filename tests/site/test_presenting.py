"""What a presenter does with a built deck, key by key, in a real browser."""

from __future__ import annotations

import pytest

from roadshow.stage.built import find, read_slides

READY = "Reveal.isReady() && document.fonts.status === 'loaded'"
SHOWN = "Reveal.getCurrentSlide().id"


@pytest.fixture(scope="module")
def deck(built):
    return find(built, "it-first")


@pytest.fixture
def context(chromium):
    opened = chromium.new_context(viewport={"width": 1280, "height": 720})
    yield opened
    opened.close()


@pytest.fixture
def page(context, address):
    opened = context.new_page()
    errors = []
    opened.on("console", lambda told: errors.append(told.text) if told.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(f"{address}/talks/it-first-slides.html")
    opened.wait_for_function(READY)
    yield opened
    assert errors == []


def find_by(page, letters):
    page.keyboard.press("/")
    page.keyboard.type(letters)
    return page.locator("dialog.find [role=option]")


def go(page, name):
    page.evaluate("name => Roadshow.go(document.getElementById(name))", name)
    assert page.evaluate(SHOWN) == name


def walk(page):
    """The slides that the right arrow shows, from the one that is shown to the last."""
    seen = [page.evaluate(SHOWN)]
    for _ in range(400):
        page.keyboard.press("ArrowRight")
        if (shown := page.evaluate(SHOWN)) != seen[-1]:
            seen.append(shown)
        elif seen[-1] == "end":
            break
    return seen


def test_the_arrow_walks_the_flow_and_stops_before_the_backup_slides(page, deck):
    flow = [slide.id for slide in read_slides(deck)]
    assert walk(page) == flow
    assert flow[-1] == "end"
    assert page.locator(".slide-number").inner_text().split() == [str(len(flow)), "/", str(len(flow))]
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(SHOWN) == flow[-2]


@pytest.mark.parametrize("keys", ["End", "Shift+ArrowRight"])
def test_the_end_is_the_end_of_the_flow(page, keys):
    page.keyboard.press(keys)
    assert page.evaluate(SHOWN) == "end"
    page.keyboard.press("Home")
    assert page.evaluate(SHOWN) == "title"


@pytest.mark.parametrize("name", ["it80", "others-like-you-services-like-yours-depend-on-these-tools"])
def test_what_lies_outside_the_flow_opens_by_its_address(page, name):
    assert not page.evaluate("name => Roadshow.isInFlow(document.getElementById(name))", name)
    page.goto(f"{page.url.split('#')[0]}#/{name}")
    page.reload()
    page.wait_for_function(READY)
    assert page.evaluate(SHOWN) == name


def test_the_short_version_drops_the_detail_ahead_and_the_clock_follows(page, deck):
    full = read_slides(deck)
    start = next(i for i, slide in enumerate(full) if slide.id.startswith("a-worker-dies"))
    go(page, full[start].id)
    page.keyboard.press("x")
    rest = walk(page)
    sections = {section["id"]: section for section in page.evaluate("Roadshow.slides.map(s => ({id: s.id, ...s.dataset}))")}
    assert all(sections[name].get("depth") != "full" for name in rest[1:])
    assert "others-like-you-services-like-yours-depend-on-these-tools" in rest
    brief = {"a-worker-dies", "memory-has-a-limit", "where-it-runs", "others-like-you", "what-we-ask-of-you"}
    assert brief <= {sections[name].get("segment") for name in rest}
    expected = sum(slide.seconds for slide in full[: start + 1]) + sum(
        int(sections[name].get("briefTiming", 0)) for name in rest[1:]
    )
    assert page.evaluate("Roadshow.total(Roadshow.flow())") == expected < sum(slide.seconds for slide in full)
    page.reload()
    page.wait_for_function(READY)
    assert page.evaluate("Roadshow.total(Roadshow.flow())") == expected
    page.keyboard.press("x")
    assert page.evaluate("Roadshow.flow().map(s => s.id)") == [slide.id for slide in full]


def test_what_the_short_version_saves_is_said(page):
    before = page.evaluate("[Roadshow.flow().length, Roadshow.total(Roadshow.flow())]")
    page.keyboard.press("x")
    after = page.evaluate("[Roadshow.flow().length, Roadshow.total(Roadshow.flow())]")
    said = page.locator("[role=status]").inner_text()
    assert said == f"Short version: {before[0] - after[0]} slides and {round((before[1] - after[1]) / 60)} minutes fewer"


def test_an_answer_is_two_keys_and_a_few_letters_away_and_u_comes_back(page):
    go(page, "what-dask-is-what-dask-is-not")
    found = find_by(page, "secure")
    assert found.first.inner_text().startswith("Is Dask secure?")
    assert page.evaluate("document.activeElement.getAttribute('aria-activedescendant')") == "find-0"
    page.keyboard.press("Enter")
    assert page.evaluate(SHOWN) == "it01"
    section = page.locator("#it01")
    assert "isolate the scheduler" in section.locator(".answer").inner_text()
    assert section.locator(".source a").first.get_attribute("href").startswith("https://github.com/dask/dask/")
    section.get_by_role("link", name="Where it runs").click()
    assert page.evaluate(SHOWN).startswith("where-it-runs")
    go(page, "what-dask-is-what-dask-is-not")
    find_by(page, "ports must")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(SHOWN) == "it08"
    # While an answer is shown, the talk still stands where it was left.
    assert page.evaluate("Roadshow.clock.told().segment.name") == "What Dask is"
    page.keyboard.press("x")
    assert page.evaluate("Roadshow.slides[Roadshow.getCut()].id") == "what-dask-is-what-dask-is-not"
    page.keyboard.press("x")
    page.keyboard.press("Backspace")
    assert page.evaluate(SHOWN) == "what-dask-is-what-dask-is-not"


def test_the_beginning_of_a_word_is_found_before_its_middle(page):
    titles = [text.split("\n")[0] for text in find_by(page, "ask").all_inner_texts()]
    begin = [" ask" in f" {title.lower()}" for title in titles]
    assert begin == sorted(begin, reverse=True)
    assert {"What we ask of you", "We ask each of you for one thing"} <= set(titles)


def test_a_segment_is_found_by_its_name_and_escape_leaves_everything_as_it_was(page):
    found = find_by(page, "memory has")
    assert found.first.inner_text().split("\n") == ["Memory has a limit", "Segment"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert page.evaluate(SHOWN) == "memory-has-a-limit-a-worker-with-a-limit-gets-an-array-that-does-not-fit"
    find_by(page, "no such letters")
    assert page.locator("dialog.find output").inner_text() == "Nothing has these letters."
    page.keyboard.press("Escape")
    assert not page.locator("dialog.find").is_visible()
    assert page.evaluate(SHOWN).startswith("memory-has-a-limit")


def test_help_lists_the_keys_and_slash_does_not_hide_it(page):
    page.keyboard.press("Shift+Slash")
    help_text = page.locator(".r-overlay-help").first.inner_text()
    for key, what in {
        "/": "Find",
        "X": "short version",
        "D": "Dark or light",
        "Z": "Enlarge",
        "U": "Back from",
        "O": "overview",
    }.items():
        assert what.lower() in help_text.lower(), key
    assert not page.locator("dialog.find[open]").count()


def test_dark_stays_dark_after_a_reload_and_figures_follow(page):
    go(page, "a-seasonal-ensemble-the-members-agree-over-the-ocean-and-part-over-the-land")
    seen = {}
    for theme in ("light", "dark"):
        seen[theme] = page.locator("section.present .cell_output img").evaluate("image => getComputedStyle(image).filter")
        page.keyboard.press("d")
    assert seen == {"light": "none", "dark": "invert(1) hue-rotate(180deg)"}
    page.keyboard.press("d")
    page.reload()
    page.wait_for_function(READY)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_z_enlarges_the_figure_until_it_is_pressed_again(page):
    go(page, "a-seasonal-ensemble-el-nino-s-index-cools-and-the-doubt-grows")
    image = page.locator("section.present .cell_output img")
    before = image.bounding_box()["height"]
    page.keyboard.press("z")
    assert image.bounding_box()["height"] == pytest.approx(720, abs=1)
    page.keyboard.press("z")
    assert image.bounding_box()["height"] == pytest.approx(before, abs=1)


def test_z_makes_code_as_large_as_the_slide_lets_it(page):
    go(page, "where-it-runs-four-strangers-and-one-guest-knock-on-the-scheduler")
    code = page.locator("section.present pre").first
    size = "code => parseFloat(getComputedStyle(code).fontSize)"
    before = code.evaluate(size)
    page.keyboard.press("z")
    assert code.evaluate(size) > before
    assert code.evaluate("code => [code.scrollWidth <= code.clientWidth, code.scrollHeight <= code.clientHeight]") == [True, True]
    assert code.bounding_box() == pytest.approx({"x": 0, "y": 0, "width": 1280, "height": 720}, abs=1)
    page.keyboard.press("ArrowRight")
    assert page.locator(".enlarged").count() == 0


def test_code_is_lit_step_by_step(page):
    go(page, "what-dask-is-the-same-line-with-numpy-and-with-dask")
    lines = "[...document.querySelectorAll('section.present pre .line')]"
    lit = f"{lines}.flatMap((line, i) => line.classList.contains('lit') ? i + 1 : [])"
    steps = [page.evaluate(lit)]
    while page.evaluate("Reveal.availableFragments().next"):
        page.keyboard.press("ArrowRight")
        steps.append(page.evaluate(lit))
    assert steps == [[1, 2, 3], [5], [6], [7], [9, 10]]
    # The other lines have one dim colour; those that are lit keep theirs.
    colours = f"{lines}.map(line => new Set([...line.querySelectorAll('span')].map(part => getComputedStyle(part).color)).size)"
    assert page.evaluate(colours)[4] == 1 < page.evaluate(colours)[8]


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


def test_the_speaker_view_tells_the_hand_over_and_who_has_to_be_ready(page, view, deck):
    slides = read_slides(deck)
    told = [slide for slide in slides if slide.speaker]
    last = next(i for i, slide in enumerate(told) if told[i + 1].speaker != slide.speaker)
    go(page, told[0].id)
    until = sum(slide.seconds for slide in told[: last + 1])
    view.wait_for_function("name => document.querySelector('.roadshow-panel').textContent.includes(name)", arg="The scientist: in")
    wait = view.locator(".roadshow-panel p").first.inner_text()
    minutes, seconds = map(int, wait.split("in ")[1].split(",")[0].split(":"))
    assert 60 * minutes + seconds == pytest.approx(until, abs=5)
    assert wait.endswith("The problem in your archive")
    go(page, told[last].id)
    view.wait_for_selector(".roadshow-panel strong")
    assert view.locator(".roadshow-panel strong").inner_text() == "Hand over to The scientist: The problem in your archive"
    view.wait_for_selector(".speaker-controls-notes .hand-over")
    assert view.locator(".speaker-controls-notes .hand-over").inner_text() == view.locator(".roadshow-panel strong").inner_text()


def test_the_panel_counts_by_segment_speaker_and_talk_and_is_reset_with_the_timer(page, view, deck):
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


def test_the_copies_in_the_speaker_view_follow_the_cut_and_the_theme(page, view, deck):
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


def test_an_answer_next_to_the_last_slide_shows_in_the_speaker_view_too(page, view):
    go(page, "end")
    view.frames[1].wait_for_function("Reveal.getCurrentSlide().id === 'end'")
    go(page, "it01")
    view.frames[1].wait_for_function("Reveal.getCurrentSlide().id === 'it01'")
    view.wait_for_function("document.querySelector('.speaker-controls-notes .value').textContent.startsWith('But:')")
    page.wait_for_timeout(800)
    assert page.evaluate(SHOWN) == "it01"


@pytest.mark.parametrize("copy", [False, True], ids=["window", "copy"])
def test_the_keys_work_in_the_speaker_view_and_the_room_does_not_see_what_is_sought(page, view, copy):
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


def test_the_clock_survives_a_reload(page, deck):
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


def test_two_hours_of_slides_do_not_grow(context, address):
    page = context.new_page()
    page.goto(f"{address}/talks/science-first-slides.html")
    page.wait_for_function(READY)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    session = context.new_cdp_session(page)
    session.send("Performance.enable")

    def held():
        session.send("HeapProfiler.collectGarbage")
        metrics = {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
        return metrics["JSHeapUsedSize"], metrics["Nodes"]

    # A talk has some fifty slides and takes forty-five minutes: two hours are fewer than four passes.
    again = "async () => { for (const slide of Roadshow.flow()) { Roadshow.go(slide); await new Promise(requestAnimationFrame); } }"
    for _ in range(2):
        page.evaluate(again)
    before = held()
    for _ in range(6):
        page.evaluate(again)
    after = held()
    assert all(last <= 1.2 * first for first, last in zip(before, after, strict=True)), (before, after)
    assert errors == []


def test_print_view_has_the_flow_only(context, address, deck):
    page = context.new_page()
    page.goto(f"{address}/talks/it-first-slides.html?print-pdf")
    page.wait_for_selector(".pdf-page")
    assert page.locator(".pdf-page").count() == len(read_slides(deck))
    assert page.locator("section.backup").count() == 0
