"""What assembly puts into a deck beside the segments' own slides."""

import pytest
import segno
from bs4 import BeautifulSoup

QUESTIONS = """id,group,question,answer,caveat,segment,source_title,source_url,year,how_read
it01,security,Is <it> safe?,"It is, behind a wall.",Not without.,alpha,A paper,https://example.org/p,2024,excerpt
it02,cost,What does it cost?,Nothing.,,gamma,A page,https://example.org/q,undated,excerpt
"""


def deck(project, name="one"):
    return project.html(f"talks/{name}-slides")


def sections(project):
    return {section["id"]: section for section in deck(project).select(".slides > section")}


def test_a_full_deck_holds_the_slides_of_its_short_version_too(project):
    assert project.build().status == 0
    found = sections(project)
    assert {name: section.get("data-depth") for name, section in found.items() if name.startswith("alpha")} == {
        "alpha-the-square-x-2": None,
        "alpha-the-run": "full",
        "alpha-in-short": "brief",
    }
    # Five minutes on two slides; in brief two minutes on two others.
    timings = {
        name: (section["data-timing"], section["data-brief-timing"])
        for name, section in found.items()
        if "data-timing" in section.attrs
    }
    assert timings == {
        "alpha-the-square-x-2": ("150", "60"),
        "alpha-the-run": ("150", "0"),
        "alpha-in-short": ("0", "60"),
        "beta-a-claim": ("60", "60"),
    }


def test_the_hand_over_is_in_the_notes_of_the_last_slide_before_it(project):
    assert project.build().status == 0
    notes = {name: section.select_one("aside.notes .hand-over") for name, section in sections(project).items()}
    # In full it is one slide, in brief another.
    said = "Hand over to The scientist: Beta"
    assert {name: note.text for name, note in notes.items() if note} == {"alpha-the-run": said, "alpha-in-short": said}


def test_every_slide_is_labelled_by_its_heading(project):
    assert project.build().status == 0
    for section in sections(project).values():
        assert section.find(id=section["aria-labelledby"]).name in {"h1", "h2"}


def test_questions_become_backup_slides_that_lead_to_what_shows_them(project):
    assert not deck_has_backup(project)
    project.write("evidence/questions_it.csv", QUESTIONS)
    empty_evidence(project)
    assert project.build().status == 0
    found = deck(project).select("section.backup")
    assert [section["id"] for section in found] == ["it01", "it02"]
    assert all(section["data-visibility"] == "uncounted" for section in found)
    assert found[0].h2.text == "Is <it> safe?"
    assert found[0].select_one(".caveat").text == found[0].select_one("aside.notes").text == "But: Not without."
    assert [link["href"] for link in found[0].select("a")] == ["https://example.org/p", "#/alpha-the-square-x-2"]
    assert " ".join(found[0].select_one(".source").text.split()) == "A paper, 2024 · shown: Alpha"
    assert found[1].select_one(".caveat") is None
    assert [link["href"] for link in found[1].select("a")] == ["https://example.org/q"]
    assert [section.header.text for section in found] == ["Backup · security", "Backup · cost"]
    project.change("evidence/questions_it.csv", "Nothing.", "Nothing at all.")
    assert project.build().status == 0
    assert deck(project).select_one("#it02 .answer").text == "Nothing at all."


def test_every_table_of_questions_becomes_backup_slides_whenever_it_comes(project):
    empty_evidence(project)
    project.write("evidence/questions_it.csv", QUESTIONS)
    assert project.build().status == 0
    project.write("evidence/questions_exec.csv", QUESTIONS.replace("it0", "ex0").replace("security", "proof"))
    assert project.build().status == 0
    found = deck(project).select("section.backup")
    assert [section["id"] for section in found] == ["ex01", "ex02", "it01", "it02"]
    assert [section.header.text for section in found[::2]] == ["Backup · proof", "Backup · security"]
    (project.root / "evidence" / "questions_it.csv").unlink()
    assert project.build().status == 0
    assert [section["id"] for section in deck(project).select("section.backup")] == ["ex01", "ex02"]


def empty_evidence(project):
    project.write(
        "evidence/adopters.csv",
        "id,institution,country,region,kind,tools,statement,setting,stage,year,source_title,source_url,how_read,caveat\n",
    )
    project.write(
        "evidence/counter_evidence.csv", "id,claim_at_risk,counter_fact,advice,affects,source_title,source_url,year,how_read\n"
    )


def deck_has_backup(project):
    assert project.build().status == 0
    return bool(deck(project).select("section.backup"))


def test_the_published_address_is_a_code_on_the_last_slide(project):
    assert project.build().status == 0
    assert deck(project).select("#end svg, link[rel=canonical]") == []
    text = (project.root / "conf.py").read_text(encoding="utf-8")
    project.write("conf.py", text + 'html_baseurl = "https://example.org/book/"\n')
    assert project.build().status == 0
    html = deck(project)
    assert html.select_one("link[rel=canonical]")["href"] == "https://example.org/book/talks/one-slides.html"
    assert html.select_one("#end a[aria-label]")["href"] == "https://example.org/book/talks/one.html"
    code = segno.make("https://example.org/book/talks/one.html", error="m").svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True
    )
    expected = BeautifulSoup(code, "html.parser").select("path")
    assert [path["d"] for path in html.select("#end svg path")] == [path["d"] for path in expected]


def test_the_last_slide_leads_back_to_the_last_segment(project):
    assert project.build().status == 0
    assert [link["href"] for link in deck(project).select("#end a")] == ["one.html", "#/beta-a-claim"]


def test_the_page_of_a_deck_has_its_transcript(project):
    assert project.build().status == 0
    transcript = project.html("talks/one").select_one("details.transcript")
    assert [title.text for title in transcript.select("h3")] == [
        "The square x^2 (The maintainer)",
        "The run (The maintainer)",
        "A claim (The scientist)",
    ]
    assert [text.text for text in transcript.select("p")] == ["Said aloud."]


def test_steps_light_lines_that_are_there(project):
    project.change("talks/segments/alpha.md", ":layout: split", ":steps: 1|2")
    assert project.build().status == 0
    assert deck(project).select_one("[data-steps]")["data-steps"] == "1|2"


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ("1|2-3", "the steps 1|2-3 reach beyond the first code of their slide, which has 2 lines; name lines that it has"),
        ("all", "write the lines of each step, such as 1-2|4|5-7"),
        ("2", "write the lines of each step, such as 1-2|4|5-7"),
    ],
)
def test_steps_that_cannot_be_are_a_warning_with_its_place(steps, words, project):
    project.change("talks/segments/alpha.md", ":layout: split", f":steps: {steps}")
    result = project.build()
    assert result.status == 1
    [message] = [text for text in result.err.splitlines() if "WARNING" in text or "ERROR" in text]
    assert words in message
    assert "talks/segments/alpha.md:" in message


@pytest.mark.parametrize("table", ["questions_it.csv", "questions_science.csv"])
def test_a_bad_question_stops_the_build_with_one_message(table, project):
    empty_evidence(project)
    project.write(f"evidence/{table}", QUESTIONS.replace("safe?", "safe"))
    result = project.build()
    assert result.status == 1
    assert f"{table}:2: question: 'Is <it> safe' does not ask; end it with a question mark" in result.err
    assert "Traceback" not in result.err


def test_a_question_with_the_id_of_another_table_stops_the_build(project):
    empty_evidence(project)
    project.write("evidence/questions_it.csv", QUESTIONS)
    project.write("evidence/questions_science.csv", QUESTIONS.replace("it01", "sc01"))
    result = project.build()
    assert result.status == 1
    assert "questions_science.csv:3: id: 'it02' stands on line 3 of questions_it.csv already; give this row its own" in result.err
    assert "Traceback" not in result.err
