"""What a build says of bad input: one message each, with file, line and mend, and a status that is not zero."""

import pytest


@pytest.mark.parametrize(
    ("name", "old", "new", "line", "words"),
    [
        ("talks/one.md", "beta brief", "betta brief", 7, "there is no segment 'betta'; did you mean 'beta'?"),
        ("talks/one.md", "beta brief", "alpha brief", 7, "the segment 'alpha' stands on line 6 already"),
        ("talks/one.md", "beta brief", "beta deep", 7, "unknown depth 'deep'; a segment is told full or brief"),
        ("talks/one.md", "brief scientist", "brief scholar", 7, "unknown speaker 'scholar'"),
        ("talks/one.md", "brief scientist", "brief", 7, "cannot read 'beta brief'"),
        ("talks/one.md", ":slot: 10", ":slot: 5", 3, "the deck takes 6 minutes and its slot is 5"),
        ("talks/one.md", ":slot: 10\n", "", 3, "the deck has no slot; add the option `:slot: 45`"),
        ("talks/segments/beta.md", "minutes: 4\n", "", 1, "the segment 'beta' states no minutes; add a line such as `minutes: 4`"),
        ("talks/segments/beta.md", "minutes: 4", "minutes: some", 1, "the segment 'beta' states no minutes"),
        # myst-nb counts lines from two in a page with cells, and myst-parser names the line after the option's first.
        ("talks/segments/alpha.md", ":layout: split", ":layout: sideways", 15, '"sideways" unknown; choose from'),
    ],
)
def test_each_fault_is_one_message_with_its_place(project, name, old, new, line, words):
    project.change(name, old, new)
    result = project.build()
    assert result.status == 1
    [message] = [text for text in result.err.splitlines() if "WARNING" in text or "ERROR" in text]
    assert words in message
    assert f"{name}:{line}: " in message


def test_a_fault_is_said_again_until_it_is_mended(project):
    project.change("talks/one.md", "beta brief", "beta deep")
    for _ in range(2):
        result = project.build()
        assert result.status == 1
        assert "unknown depth" in result.err
    assert project.runs() == ["alpha"]
    project.change("talks/one.md", "beta deep", "beta brief")
    assert project.build().status == 0


def test_a_bad_visit_file_stops_the_build_without_a_traceback(project):
    project.change("visits/neutral.toml", "[visit]", "[elsewhere]")
    result = project.build()
    assert result.status == 1
    assert "visits/neutral.toml:1: the table [visit] is missing" in result.err
    assert "Traceback" not in result.err


ADOPTERS = """id,institution,country,region,kind,tools,statement,setting,stage,year,source_title,source_url,how_read,caveat
A01,A service,A country,Europe,weather service,Dask,It runs Dask.,operational,operational,2024,A paper,https://example.org/a,excerpt,
"""
AGAINST = """id,claim_at_risk,counter_fact,advice,affects,source_title,source_url,year,how_read
X01,It runs,It stopped.,Say so.,A01,A page,https://example.org/x,2025,excerpt
"""


def test_rows_of_evidence_are_shown_with_their_sources_and_what_speaks_against_them(project):
    project.write("evidence/adopters.csv", ADOPTERS)
    project.write("evidence/counter_evidence.csv", AGAINST)
    project.change(
        "talks/segments/beta.md", "- one point", ":::{adopters} A01\n:::\n\n:::{counter-evidence} A01\n:::\n\n- one point"
    )
    assert project.build().status == 0
    slide = project.html("talks/one-slides").find(id="beta-a-claim")
    [row] = [[cell.text.strip() for cell in row.find_all("td")] for row in slide.select("table.adopters tbody tr")]
    assert row == ["A service A country", "It runs Dask.", "Dask", "operational, 2024", "A paper"]
    assert slide.select_one("table.adopters a")["href"] == "https://example.org/a"
    assert slide.select_one(".counter-evidence li").text.strip() == "It stopped. Say so. (A page)"


def test_a_bad_row_of_evidence_stops_the_build_with_one_message(project):
    project.write("evidence/adopters.csv", ADOPTERS.replace("https://example.org/a", ""))
    project.write("evidence/counter_evidence.csv", AGAINST)
    result = project.build()
    assert result.status == 1
    assert "evidence/adopters.csv:2: source_url: it is empty" in result.err
    assert "Traceback" not in result.err


def test_an_unknown_row_of_evidence_is_named_with_its_place(project):
    project.write("evidence/adopters.csv", ADOPTERS)
    project.write("evidence/counter_evidence.csv", AGAINST)
    project.change("talks/segments/beta.md", "- one point", ":::{adopters} A99\n:::\n\n- one point")
    result = project.build()
    assert result.status == 1
    assert "talks/segments/beta.md:9: " in result.err
    assert "there is no row 'A99'" in result.err
