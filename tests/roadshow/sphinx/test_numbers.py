"""A number in prose that no cell computed, no row says and nobody chose is a warning at its line."""

import re

import pytest

ADOPTERS = """id,institution,country,region,kind,tools,statement,setting,stage,year,source_title,source_url,how_read,caveat
A01,House of Wind,Nowhere,Europe,weather service,Dask,"The house runs 910 jobs every night.",nightly,operational,2024,A talk,https://example.org/talk,excerpt,
"""
AGAINST = "id,claim_at_risk,counter_fact,advice,affects,source_title,source_url,year,how_read\n"


@pytest.fixture
def told(project):
    """The lines that are warned of, with their numbers, when a page says something."""
    project.write("evidence/adopters.csv", ADOPTERS)
    project.write("evidence/counter_evidence.csv", AGAINST)
    with (project.root / "conf.py").open("a", encoding="utf-8") as file:
        file.write('myst_enable_extensions = ["attrs_block", "attrs_inline", "colon_fence", "dollarmath"]\n')

    def build(text: str, *options: str) -> list[tuple[str, int, str]]:
        project.write("said.md", f"---\norphan: true\n---\n# Said\n\n{text}\n\n```{{claims}} adopters\n```\n")
        result = project.build(*options)
        found = re.findall(r"([^/\s]+):(\d+): WARNING: nothing stands behind (.+?); compute", result.err)
        assert len(found) == result.err.count("WARNING"), result.err
        assert (result.status != 0) == bool(found), "a warning is an error with -W"
        return [(page, int(line), numbers) for page, line, numbers in found]

    return build


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("It is 40 times as fast.", "40"),
        ("It takes 3.5 minutes, and\nonce took 1,200.", "3.5, 1,200"),
        ("- A list of 12 houses", "12"),
        ("| what | time |\n| --- | --- |\n| read | 7 s |", "7"),
        ("## Ahead by 5 days", "5"),
        (":::{note}\nA note of 6 points\n:::", "6"),
        ("In 2024 there were 11.", "11"),
        ("Step 3 takes 90 minutes.", "90"),
        ("It grew from 2018 to 2024 by 80 %.", "80"),
        ("[A page of 9 lines](#said)", "9"),
        ("Of 100 {claim}`910 jobs <A01>` were lost.", "100"),
        ("{.chosen}\nThis may be 4.\n\nThis not: 8.", "8"),
    ],
)
def test_a_number_of_ones_own_is_a_warning_at_its_line(told, text, numbers):
    ((page, line, found),) = told(text)
    assert (page, found) == ("said.md", numbers)
    assert abs(line - 6 - text[: text.index(numbers.split(",")[0])].count("\n")) <= 2


@pytest.mark.parametrize(
    "text",
    [
        "{claim}`A01` and {claim}`910 jobs <A01>`.",
        "`x = 40`, $x = 40$.\n\n```python\nx = 40\n```",
        "It takes [45 minutes]{.chosen}.",
        "{.chosen}\n| Minutes | What |\n| --- | --- |\n| 0–5 | Who we are |",
        "{.chosen}\n- 8 weeks before",
        "In 2018, on 3 May 1999, at 09:30, in the 1980s, from 1961 to 1990.",
        "Steps 4 to 7, slide 12, ports 8786 and 8787, release 2026.8.0, issue 241.",
        "1. One\n2. Two",
        "| | what |\n| --- | --- |\n| 1 | The first |",
        "[Issue 3857, of 12 pages](https://example.org/3857)",
        "GRIB2, FL200, EL-9 and Niño 3.4.",
    ],
)
def test_what_is_bound_chosen_or_no_figure_is_none(told, text):
    assert told(text, "-D", "roadshow_names=Niño 3.4") == []


def test_what_a_cell_prints_is_computed(told, project):
    project.change("talks/segments/beta.md", "- one point,", "- one point of 7,")
    ((page, _, numbers),) = told("Nothing.")
    assert (page, numbers) == ("beta.md", "7")


def test_notes_and_slides_are_read_too(told, project):
    project.change("talks/segments/beta.md", "- one point,", ":::{notes}\nIt takes 14 days.\n:::\n\n- one point,")
    assert [numbers for _, _, numbers in told("Nothing.")] == ["14"]
