"""When a page was last changed, as git has it."""

import os
import subprocess

import pytest


def git(root, *arguments, day="2024-03-02"):
    who = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "a"), ("EMAIL", "a@example.org"))
    }
    when = {"GIT_AUTHOR_DATE": f"{day}T23:30:00 +0000", "GIT_COMMITTER_DATE": f"{day}T23:30:00 +0000"}
    subprocess.run(["git", *arguments], cwd=root, env={**os.environ, **who, **when}, check=True, capture_output=True)


@pytest.fixture
def kept(project):
    """The project as a folder of a repository, whose pages were changed on two days."""
    project.write(".gitignore", "_build\n")
    top = project.root.parent
    git(top, "init")
    git(top, "add", "project")
    git(top, "commit", "-m", "first")
    project.change("talks/one.md", "Deck one", "Deck the first")
    git(top, "commit", "-am", "second", day="2024-05-11")
    return project


def said(project):
    found = {name: project.html(name).select_one(".last-updated") for name in ("talks/one", "talks/segments/beta", "search")}
    return {name: text and text.text.strip() for name, text in found.items()}


NONE = {"talks/one": None, "talks/segments/beta": None, "search": None}
BOTH = NONE | {"talks/one": "Last updated on 11 May 2024.", "talks/segments/beta": "Last updated on 2 March 2024."}


def themed(project):
    project.write("conf.py", (project.root / "conf.py").read_text(encoding="utf-8") + 'html_theme = "sphinx_book_theme"\n')
    return project


def test_each_page_says_the_day_of_its_last_commit(kept):
    assert themed(kept).build("-j", "2").status == 0
    assert said(kept) == BOTH


def test_a_page_that_was_changed_since_says_nothing_until_it_is_committed(kept):
    themed(kept)
    kept.change("talks/one.md", "Deck the first", "Deck again")
    assert kept.build().status == 0
    assert said(kept) == BOTH | {"talks/one": None}
    git(kept.root, "commit", "-am", "third", day="2024-06-01")
    assert kept.build().status == 0
    assert said(kept)["talks/one"] == "Last updated on 1 June 2024."


def test_a_shallow_copy_does_not_know(kept):
    themed(kept)
    git(kept.root, "commit", "-am", "theme")
    source = kept.root.parent
    git(source, "clone", "--depth", "1", source.as_uri(), source / "copy")
    kept.root = source / "copy/project"
    assert kept.build().status == 0
    assert said(kept) == NONE


def test_without_a_repository_or_without_git_nothing_is_said(project, monkeypatch):
    themed(project)
    assert project.build().status == 0
    assert said(project) == NONE
    git(project.root, "init")
    git(project.root, "add", ".")
    git(project.root, "commit", "-m", "first")
    monkeypatch.setenv("PATH", "/nowhere")
    assert project.build("-E").status == 0
    assert said(project) == NONE
