"""The page of questions: all of them are there, each under its address, with its answer and what it rests on."""

import csv

import pytest

TABLE = """id,group,question,answer,caveat,segment,source_title,source_url,year,how_read
q1,price,What does it cost?,"Nothing to have, but to keep.",Your time is not free.,alpha,A thread,https://example.org/p,2024,computed
q2,people,Who mends it?,Whoever needs it.,,,A post,https://example.org/mends,undated,excerpt
q3,price,Who pays?,Those who use it.,,,A post,https://example.org/pays,2016,repository file
"""


@pytest.fixture
def asked(project):
    """The small project with a table of three questions and a page that shows them."""
    project.write("evidence/questions_small.csv", TABLE)
    for name in ("adopters", "counter_evidence"):
        project.write(f"evidence/{name}.csv", _head(name))
    project.write("answers.md", "# Answers\n\n[The price](#q1)\n\n## Small\n\n```{questions} small\n:deck: /talks/one\n```\n")
    project.change("index.md", "talks/*\n", "answers\ntalks/*\n")
    return project


def _head(name):
    columns = {
        "adopters": "id,institution,country,region,kind,tools,statement,setting,stage,year,source_title,source_url,how_read,caveat",
        "counter_evidence": "id,claim_at_risk,counter_fact,advice,affects,source_title,source_url,year,how_read",
    }
    return columns[name] + "\n"


def test_each_question_has_its_answer_and_an_address(asked):
    result = asked.build()
    assert (result.status, result.err) == (0, "")
    page = asked.html("answers")
    rows = list(csv.DictReader(TABLE.splitlines()))
    assert [section["id"] for section in page.select("section.question")] == ["q1", "q3", "q2"]
    assert [section["id"] for section in page.select("section.group")] == ["small-price", "small-people"]
    for row in rows:
        section = page.find(id=row["id"])
        assert section.h4.find(string=True).strip() == row["question"]
        assert row["answer"] in section.text
        assert section.find("a", href=row["source_url"]).text == row["source_title"]
        assert section.find("a", href=f"talks/one-slides.html#/{row['id']}")
    assert page.find(id="q1").find("a", href="talks/segments/alpha.html").text == "Alpha"
    assert "But: Your time is not free." in page.find(id="q1").text
    assert ", 2024" in page.find(id="q1").text
    checks = {name: [part.text for part in page.find(id=name).select("p.source + p.source")] for name in ("q1", "q2", "q3")}
    assert checks == {
        "q1": [],
        "q2": ["Only an excerpt of the source was read: open it first."],
        "q3": ["It is of 2016: look again before you say it."],
    }
    assert "undated" not in page.text
    assert page.find("a", href="#q1", string="The price")


def test_a_table_that_is_not_there_is_named_with_those_that_are(asked):
    asked.change("answers.md", "{questions} small", "{questions} large")
    result = asked.build()
    assert result.status == 1
    assert "there is no table of questions 'large'; there is small" in result.err


def _scripts(project, page):
    """The scripts of a page: its one file names them in its first line."""
    folder = (project.root / "_build/html" / page).parent
    (script,) = project.html(page).select("script[src]")
    return (folder / script["src"].split("?")[0]).read_text(encoding="utf-8").partition("\n")[0]


def test_a_new_answer_is_on_the_page_and_only_this_page_finds_words(asked):
    asked.build()
    asked.change("evidence/questions_small.csv", "Whoever needs it.", "All who use it.")
    asked.build()
    assert "All who use it." in asked.html("answers").find(id="q2").text
    assert [page for page in ("answers", "index", "talks/one") if "questions.js" in _scripts(asked, page)] == ["answers"]
