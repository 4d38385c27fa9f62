"""The facts about the projects: each has a source and a date; the list of packages is that of this environment."""

import csv
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[2]


def rows():
    with (ROOT / "evidence/projects.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_fact_has_a_source_and_a_date():
    for row in rows():
        assert row["source_url"].startswith("https://"), row["id"]
        assert row["source_title"], row["id"]
        assert date(2012, 1, 1) < date.fromisoformat(row["as_of"]) < date.today(), row["id"]
    assert len({row["id"] for row in rows()}) == len(rows())
    assert len({(row["package"], row["fact"]) for row in rows()}) == len(rows())


def test_the_busiest_author_made_no_more_commits_than_all():
    facts = {(row["package"], row["fact"]): row["value"] for row in rows()}
    packages = {package for package, _ in facts}
    for package in packages:
        assert 0 < int(facts[package, "commits of the busiest author in 12 months"]) <= int(facts[package, "commits in 12 months"])


def test_a_package_that_is_not_listed_is_found_out(red):
    red("in-ten-years", 'json.loads(listed)["components"]', 'json.loads(listed)["components"][3:]', "assert")


def test_a_mirror_whose_hashes_nobody_asks_for_is_found_out(red):
    red("in-ten-years", '"--require-hashes", "-r", lock]', '"dask"]', "changed.returncode == 1")
