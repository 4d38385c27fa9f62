"""A claim says what its row says, leads to it, and shows where it was read: on a card of the page, at the foot of the slide."""

import pytest

COLUMNS = "id,institution,country,region,kind,tools,statement,setting,stage,year,source_title,source_url,how_read,caveat"
PLACE = "Nowhere,Europe,weather service,Dask"
ADOPTERS = f"""{COLUMNS}
A01,House of Wind,{PLACE},The house runs it every night.,nightly,operational,2024,A talk,https://example.org/talk,excerpt,New.
A02,House of Rain,{PLACE},The house tried it.,tried,prototype,2009,A post,https://example.org/post,repository file,
"""
FACTS = """id,claim_at_risk,counter_fact,advice,affects,source_title,source_url,year,how_read
X01,All houses run it,One stopped.,Say which.,A01,A thread,https://example.org/thread,2023,excerpt
"""
PROJECTS = """id,package,fact,value,as_of,source_title,source_url,how_read,caveat
R01,Dask,commits in 2024,910,2026-08-17,The history,https://example.org/history,computed,
"""
OTHERS = """id,about,fact,source_title,source_url,year,how_read,caveat
F01,A path,It is 630 miles long.,A walk,https://example.org/walk,2018,excerpt,It grows.
"""


@pytest.fixture
def claimed(project):
    """The small project with all tables, a page of claims, and claims on a slide, in its notes and for readers."""
    for name, text in {"adopters": ADOPTERS, "counter_evidence": FACTS, "projects": PROJECTS, "facts": OTHERS}.items():
        project.write(f"evidence/{name}.csv", text)
    tables = "\n".join(f"```{{claims}} {name}\n```\n" for name in ("adopters", "projects", "counter_evidence", "facts"))
    project.write("known.md", f"# Known\n\n{tables}")
    project.change("index.md", "talks/*\n", "known\ntalks/*\n")
    said = "- Every night: {claim}`A01`.\n- {claim}`910 commits <R01>`, {claim}`again <R01 A01>`\n"
    said += "\n:::{notes}\n{claim}`One gave up <X01>`.\n:::\n"
    project.change("talks/segments/beta.md", "- one point,", f"{said}\n- one point,")
    return project


def test_a_claim_says_its_row_and_leads_to_it(claimed):
    result = claimed.build()
    assert (result.status, result.err) == (0, "")
    page = claimed.html("talks/segments/beta")
    first, second, *_ = page.select("span.claim")
    assert first.text.startswith("The house runs it every night")
    mark = first.find("a", recursive=False)
    assert (mark.text, mark["href"]) == ("2024", "../../known.html#A01")
    assert first.select_one(".claim-card a")["href"] == "https://example.org/talk"
    assert first.select_one(".claim-card").text == "A talk (operational, 2024)"
    assert second.text.startswith("910 commits")


def test_a_slide_has_its_claims_at_its_foot_a_number_each(claimed):
    claimed.build()
    slide = next(one for one in claimed.html("talks/one-slides").select("section") if "Every night" in one.text)
    assert [" ".join(foot.text.split()) for foot in slide.select(".claims p")] == [
        "1 A talk (operational, 2024)",
        "2 The history (2026-08-17)",
    ]
    assert [mark.text for mark in slide.select(".claim sup")] == ["1", "2", "2, 1"]
    assert slide.select(".claim-card") == []
    assert "One gave up" in slide.select_one("aside.notes").text
    assert slide.select("aside.notes sup") == []


def test_the_page_of_claims_says_what_is_to_be_doubted(claimed):
    claimed.build()
    page = claimed.html("known")
    doubts = {row["id"]: row.find_all("td")[-1].text.strip() for row in page.select("tbody tr")}
    assert doubts == {
        "A01": "New. One stopped. Say which. Only an excerpt of the source was read: open it first.",
        "A02": "It is of 2009: look again before you say it.",
        "R01": "",
        "X01": "Say which. Only an excerpt of the source was read: open it first.",
        "F01": "It grows. Only an excerpt of the source was read: open it first. It is of 2018: look again before you say it.",
    }


def test_evidence_that_is_not_there_is_named_with_file_and_line(claimed):
    claimed.change("talks/segments/beta.md", "commits <R01>", "commits <R01 R9>")
    result = claimed.build()
    assert result.status == 1
    assert "beta.md:10: ERROR: there is no evidence 'R9'; write an id of one of the tables adopters, projects" in result.err
    claimed.change("talks/segments/beta.md", "commits <R01 R9>", "commits")
    assert "there is no evidence '910 commits'" in claimed.build().err


def test_a_number_that_its_row_does_not_state_is_refused(claimed):
    claimed.change("talks/segments/beta.md", "910 commits <R01>", "911 commits in 2024 <R01>")
    result = claimed.build()
    assert result.status == 1
    assert "beta.md:10: ERROR: 911 does not stand in R01; say what the row says, or name another" in result.err


def test_a_row_that_changes_is_said_anew(claimed):
    claimed.build()
    claimed.change("evidence/adopters.csv", "runs it every night", "runs it every day")
    assert claimed.build().status == 0
    assert "every day" in claimed.html("talks/segments/beta").text
    assert "every day" in claimed.html("known").text


def test_a_day_that_cannot_be_read_is_named(claimed):
    claimed.change("evidence/projects.csv", "2026-08-17", "last summer")
    result = claimed.build()
    assert result.status == 1
    assert "projects.csv:2: as_of: cannot read 'last summer'; write a day such as 2026-08-17" in result.err
