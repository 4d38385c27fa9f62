"""The visit file: what it must hold, and what is said when it does not."""

from pathlib import Path

import pytest

from roadshow.visit import VisitError, read_visit

ROOT = Path(__file__).parents[2]
GOOD = (ROOT / "visits" / "neutral.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted((ROOT / "visits").glob("*.toml")), ids=lambda path: path.stem)
def test_every_visit_is_readable_and_names_the_tag_team(path):
    assert {"maintainer", "scientist"} <= set(read_visit(path).speakers)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[institution]", "[institution", "not valid TOML"),
        ('name = "Your institution"', "", '[institution] needs a text for "name"'),
        ("[visit]", "[elsewhere]", "the table [visit] is missing"),
        ('name = "The scientist"', "name = 3", '[speakers.scientist] needs a text for "name"'),
    ],
)
def test_a_fault_names_the_file_and_the_mend(tmp_path, old, new, words):
    path = tmp_path / "next.toml"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(VisitError) as raised:
        read_visit(path)
    assert str(path) in str(raised.value)
    assert words in str(raised.value)


def test_a_missing_file_says_how_to_begin(tmp_path):
    with pytest.raises(VisitError, match=r"copy visits/neutral.toml"):
        read_visit(tmp_path / "none.toml")


def test_a_visit_without_speakers_says_so(tmp_path):
    path = tmp_path / "next.toml"
    path.write_text('[institution]\nname = "A"\n[visit]\ndate = "B"\n[speakers]\n', encoding="utf-8")
    with pytest.raises(VisitError, match="nobody speaks"):
        read_visit(path)
