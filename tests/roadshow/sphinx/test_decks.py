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
    assert "visits/neutral.toml: the table [visit] is missing" in result.err
    assert "Traceback" not in result.err
