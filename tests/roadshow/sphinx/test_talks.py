"""A deck as the visit's meetings want it: fitted to their minutes, named, and gone again with the next visit."""

import pytest

MEETING = """
[meetings.{key}]
step = 2
group = "{key}s"
audience = "it"
start = 2027-05-11T{hour:02}:00:00
minutes = {minutes}
deck = "one"
"""


@pytest.fixture
def plan(project):
    visit = (project.root / "visits/neutral.toml").read_text(encoding="utf-8")

    def write(*meetings, more=""):
        tables = (MEETING.format(key=key, hour=9 + n, minutes=minutes) for n, (key, minutes) in enumerate(meetings))
        (project.root / "visits/next.toml").write_text(visit + "".join(tables) + more, encoding="utf-8")

    return write


def titles(project, page):
    slides = project.html(page).select(".slides > section:not([data-visibility])")
    return [slide.h2.text for slide in slides if slide.h2 and slide.get("id") != "end"]


def build(project):
    return project.build("-D", "roadshow_visit=visits/next.toml")


def test_the_deck_of_a_page_is_fitted_to_the_first_meeting_that_shows_it(project, plan):
    plan(("talk", 4))
    result = build(project)
    assert result.status == 0
    assert "one at [meetings.talk]: 3 of 4 minutes; in brief: alpha" in result.out
    assert titles(project, "talks/one-slides") == ["The square x2", "In short", "A claim"]
    order = [
        [cell.text.strip() for cell in row.find_all("td")]
        for row in project.html("talks/one").select("table.running-order tbody tr")
    ]
    assert order[0] == ["Alpha", "brief", "The maintainer", "2"]
    assert project.html("talks/one-slides").select_one(".reveal")["data-slot"] == "4"


def test_a_further_meeting_has_slides_of_its_own_which_the_page_names(project, plan):
    plan(("talk", 10), ("corner", 4))
    assert build(project).status == 0
    assert "The run" in titles(project, "talks/one-slides")
    assert titles(project, "talks/one-for-corner-slides") == ["The square x2", "In short", "A claim"]
    links = [(link["href"], link.parent.text) for link in project.html("talks/one").select("a.open-slides")]
    assert [href for href, _ in links] == ["one-slides.html", "one-for-corner-slides.html"]
    assert "for corners: 3 of 4 minutes; in brief: alpha" in links[1][1]
    assert project.runs() == ["alpha"]


def test_the_slides_of_a_meeting_go_with_its_visit(project, plan):
    plan(("talk", 10), ("corner", 4))
    assert build(project).status == 0
    assert project.build().status == 0
    assert not (project.root / "_build/html/talks/one-for-corner-slides.html").exists()
    assert "The run" in titles(project, "talks/one-slides")


def test_more_time_makes_brief_segments_full(project, plan):
    project.change("talks/one.md", "alpha full", "alpha brief")
    plan(("talk", 40))
    assert build(project).status == 0
    assert "The run" in titles(project, "talks/one-slides")


@pytest.mark.parametrize(
    ("meetings", "more", "message"),
    [
        (
            [("talk", 2)],
            "",
            'WARNING: one at [meetings.talk]: told in brief it still takes 3 of 2 minutes; leave out: drop = ["beta"]',
        ),
        ([], MEETING.format(key="x", hour=9, minutes=9).replace('"one"', '"two"'), "there is no deck 'two'; there are one"),
        ([("talk", 9)], "talk = 20\n", "the talk takes 20 minutes and the meeting has 9"),
    ],
)
def test_a_talk_that_cannot_be_is_an_error_at_its_line(project, plan, meetings, more, message):
    plan(*meetings, more=more)
    result = build(project)
    assert result.status == 1
    assert message in result.err
    assert "Traceback" not in result.err
    key = "talk =" if "takes 20" in message else "deck ="
    lines = (project.root / "visits/next.toml").read_text(encoding="utf-8").splitlines()
    number = next(number for number, line in enumerate(lines, 1) if line.startswith(key))
    assert f"visits/next.toml:{number}: WARNING: " in result.err


def test_a_talk_fits_when_what_the_message_names_is_dropped(project, plan):
    plan(("talk", 2), more='drop = ["beta"]\n')
    assert build(project).status == 0
    assert titles(project, "talks/one-slides") == ["The square x2", "In short"]


def test_the_title_slide_knows_the_institution_the_day_and_the_speakers(project, plan):
    plan(("talk", 10))
    project.change("visits/next.toml", "Your institution", "O'Māori <b>{{ 7*7 }}</b>")
    project.change("visits/next.toml", 'shown = "A visit from the open-source community"\n', "")
    assert build(project).status == 0
    title = project.html("talks/one-slides").find(id="title")
    assert title.select_one(".institution").text == "O'Māori <b>{{ 7*7 }}</b>"
    assert title.select_one(".date").text == "11 May 2027"
    assert [span.text for span in title.select(".by span")] == ["The maintainer", "The scientist"]


def test_a_term_that_comes_before_its_introduction_is_a_warning_at_its_line(project):
    project.change("talks/segments/beta.md", "brief: 1", "brief: 1\nneeds: [chunk]")
    result = project.build()
    assert result.status == 1
    assert "talks/one.md:7: WARNING: beta needs the term 'chunk', which nothing before it introduces; no segment does" in result.err
    project.change("talks/segments/alpha.md", "brief: 2", "brief: 2\nintroduces-in-full: [chunk]")
    result = project.build()
    assert result.status == 1
    assert "beta, when all is told in brief, needs the term 'chunk'" in result.err
    assert "line 6 does in full only" in result.err
    project.change("talks/segments/alpha.md", "introduces-in-full", "introduces")
    assert project.build().status == 0
    assert project.runs() == ["alpha"]
