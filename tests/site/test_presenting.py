"""What a presenter does with a built deck, key by key, in a real browser."""

from __future__ import annotations

import pytest

from roadshow.stage.built import read_slides

READY = "Reveal.isReady() && document.fonts.status === 'loaded'"
SHOWN = "Reveal.getCurrentSlide().id"


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


@pytest.mark.parametrize("name", ["it80", "others-like-you-institutions-like-yours-already-work-this-way"])
def test_what_lies_outside_the_flow_opens_by_its_address(page, name):
    assert not page.evaluate("name => Roadshow.isInFlow(document.getElementById(name))", name)
    page.goto(f"{page.url.split('#')[0]}#/{name}")
    page.reload()
    page.wait_for_function(READY)
    assert page.evaluate(SHOWN) == name


def test_the_short_version_drops_the_detail_ahead_and_the_clock_follows(page, deck, go):
    full = read_slides(deck)
    start = next(i for i, slide in enumerate(full) if slide.id.startswith("a-worker-dies"))
    go(page, full[start].id)
    page.keyboard.press("x")
    rest = walk(page)
    sections = {section["id"]: section for section in page.evaluate("Roadshow.slides.map(s => ({id: s.id, ...s.dataset}))")}
    assert all(sections[name].get("depth") != "full" for name in rest[1:])
    assert "others-like-you-institutions-like-yours-already-work-this-way" in rest
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


def test_an_answer_is_two_keys_and_a_few_letters_away_and_u_comes_back(page, go, find_by):
    go(page, "what-dask-is-what-dask-is-not")
    found = find_by(page, "secure")
    assert found.first.inner_text().startswith("Is Dask secure?")
    assert page.evaluate("document.activeElement.getAttribute('aria-activedescendant')") == "find-0"
    page.keyboard.press("Enter")
    assert page.evaluate(SHOWN) == "it01"
    section = page.locator("#it01")
    assert "isolate the scheduler" in section.locator(".answer").inner_text()
    assert section.locator(".source a").first.get_attribute("href").startswith("https://github.com/dask/dask/")
    section.get_by_role("link", name="What crosses the wire").click()
    assert page.evaluate(SHOWN).startswith("what-crosses-the-wire")
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


def test_the_beginning_of_a_word_is_found_before_its_middle(page, find_by):
    titles = [text.split("\n")[0] for text in find_by(page, "ask").all_inner_texts()]
    begin = [" ask" in f" {title.lower()}" for title in titles]
    assert begin == sorted(begin, reverse=True)
    assert {"What we ask of you", "We ask something small of each of you"} <= set(titles)


def test_a_segment_is_found_by_its_name_and_escape_leaves_everything_as_it_was(page, find_by):
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


def test_dark_stays_dark_after_a_reload_and_figures_follow(page, go):
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


def test_z_enlarges_the_figure_until_it_is_pressed_again(page, go):
    go(page, "a-seasonal-ensemble-el-nino-s-index-with-its-doubt")
    image = page.locator("section.present .cell_output img")
    before = image.bounding_box()["height"]
    page.keyboard.press("z")
    assert image.bounding_box()["height"] == pytest.approx(720, abs=1)
    page.keyboard.press("z")
    assert image.bounding_box()["height"] == pytest.approx(before, abs=1)


def test_z_makes_code_as_large_as_the_slide_lets_it(page, go):
    go(page, "what-crosses-the-wire-strangers-knock-on-the-scheduler")
    code = page.locator("section.present pre").first
    size = "code => parseFloat(getComputedStyle(code).fontSize)"
    before = code.evaluate(size)
    page.keyboard.press("z")
    assert code.evaluate(size) > before
    assert code.evaluate("code => [code.scrollWidth <= code.clientWidth, code.scrollHeight <= code.clientHeight]") == [True, True]
    assert code.bounding_box() == pytest.approx({"x": 0, "y": 0, "width": 1280, "height": 720}, abs=1)
    page.keyboard.press("ArrowRight")
    assert page.locator(".enlarged").count() == 0


def test_code_is_lit_step_by_step(page, go):
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
