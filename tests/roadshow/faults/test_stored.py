"""What a build keeps for the next one, damaged: the next build is as a clean one, and says so in a line."""

import shutil
import sqlite3
from contextlib import closing

import pytest

RUBBISH = b"\xff\x00 neither text nor a pickle" * 40


@pytest.fixture
def built(project, differences):
    """The project, built once."""
    assert project.build().status == 0
    assert differences() == []
    project.runs_file.unlink()
    return project


def whole_again(built, differences, path):
    result = built.build()
    assert result.status == 0, (path, result.err)
    assert differences() == [], path
    return result


@pytest.mark.parametrize(
    "damage", [lambda kept: kept[: len(kept) // 2], lambda kept: b"", lambda kept: RUBBISH], ids=["truncated", "empty", "rubbish"]
)
def test_each_file_that_is_kept_may_be_damaged(built, differences, damage):
    kept = built.root / "_build"
    store, doctrees, pictures = kept / ".jupyter_cache", kept / "html/.doctrees", kept / "jupyter_execute"
    pages_of = {"database": [store / "global.db"], "version": [store / "__version__.txt"]}
    pages_of |= {"record": sorted((store / "records").iterdir())[:1], "outputs": sorted(store.glob("executed/*/base.ipynb"))[:1]}
    pages_of |= {"environment": [doctrees / "environment.pickle"], "doctree": sorted(doctrees.rglob("*.doctree"))[:1]}
    pages_of |= {"picture": sorted(pictures.glob("*.png")), "digest": [doctrees / "finished"]}
    runs = {"database": 4, "version": 4, "record": 1, "outputs": 1}
    for what, paths in pages_of.items():
        assert paths, what
        for path in paths:
            path.write_bytes(damage(path.read_bytes()))
            result = whole_again(built, differences, path)
            assert len(built.runs()) == runs.get(what, 0), path
            said = "every cell runs again" if runs.get(what) == 4 else "" if what in runs else "every page is read again"
            assert said in result.out, path
            built.runs_file.unlink(missing_ok=True)


@pytest.mark.parametrize(
    "name", [".jupyter_cache/global.db", ".jupyter_cache/records", ".jupyter_cache/executed", "jupyter_execute", "html/.doctrees"]
)
def test_each_may_be_gone(built, differences, name):
    path = built.root / "_build" / name
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    whole_again(built, differences, path)


def test_outputs_that_the_list_does_not_know_are_made_again(built, differences):
    with closing(sqlite3.connect(built.root / "_build/.jupyter_cache/global.db")) as database, database:
        database.execute("DELETE FROM nbcache WHERE uri LIKE '%gamma.md'")
    whole_again(built, differences, "global.db")
    assert built.runs() == ["gamma"]


def test_a_store_of_another_version_is_begun_afresh(built, differences):
    store = built.root / "_build/.jupyter_cache"
    (store / "__version__.txt").write_text("0.4.3")
    with closing(sqlite3.connect(store / "global.db")) as database, database:
        database.execute("ALTER TABLE nbcache RENAME COLUMN hashkey TO digest")
    assert "another version's" in whole_again(built, differences, store).out
    assert sorted(built.runs()) == ["alpha", "delta", "epsilon", "gamma"]
    assert (store / "__version__.txt").read_text() != "0.4.3"
