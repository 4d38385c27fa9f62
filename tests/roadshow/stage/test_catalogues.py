"""Catalogues follow the texts: a new one is empty, a changed one is marked, one that is gone goes."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from roadshow.catalogue import CatalogueError
from roadshow.stage import StageError
from roadshow.stage.catalogues import update

ROOT = Path(__file__).parents[3]
VISIT = ROOT / "visits/neutral.toml"


@pytest.fixture
def folders(tmp_path):
    templates, locales = tmp_path / "gettext", tmp_path / "locales"
    (templates / "guide").mkdir(parents=True)
    (locales / "fr").mkdir(parents=True)
    return templates, locales


def _say(path, *texts):
    path.write_text('msgid ""\nmsgstr ""\n\n' + "\n".join(f'msgid "{text}"\nmsgstr ""\n' for text in texts), encoding="utf-8")


def _messages(path):
    with path.open("rb") as file:
        return {message.id: (message.string, message.fuzzy) for message in read_po(file, abort_invalid=True) if message.id}


def _update(folders, *begun):
    return list(update(*folders, ROOT, VISIT, list(begun)))


def test_a_page_is_begun_and_then_followed(folders):
    templates, locales = folders
    _say(templates / "guide/one.pot", "A short sentence of seven words here.", "Stays")
    _say(templates / "guide/other.pot", "Never begun")
    path = locales / "fr/LC_MESSAGES/guide/one.po"
    assert path in _update(folders, "guide/one")
    assert _messages(path) == {"A short sentence of seven words here.": ("", False), "Stays": ("", False)}
    path.write_text(
        path.read_text()
        .replace('here."\nmsgstr ""', 'here."\nmsgstr "Une phrase."')
        .replace('"Stays"\nmsgstr ""', '"Stays"\nmsgstr "Reste"')
    )
    _say(templates / "guide/one.pot", "A short sentence of eight words here.", "Stays", "New")
    _update(folders)
    assert _messages(path) == {
        "A short sentence of eight words here.": ("Une phrase.", True),
        "Stays": ("Reste", False),
        "New": ("", False),
    }
    (templates / "guide/one.pot").unlink()
    _update(folders)
    assert _messages(path) == {}
    assert not (locales / "fr/LC_MESSAGES/guide/other.po").exists()


def test_what_slides_say_themselves_and_take_from_tables_is_there(folders):
    _update(folders)
    own, tables = (_messages(folders[1] / f"fr/LC_MESSAGES/{name}.po") for name in ("roadshow", "tables"))
    assert {"Left for questions", "Dark or light", "the page behind the slides"} < set(own)
    assert {"operational", "Is Dask secure?", "The maintainer", "Compress the file."} < set(tables)
    assert not set(own) & set(tables)


def test_of_what_tables_of_cells_say_there_is_what_stands_on_a_translated_page(folders):
    templates, locales = folders
    _say(templates / "guide/one.pot", "One")
    shown = "#: guide/other:1\nmsgid 'Other'\nmsgstr ''\n\n#: guide/other:1 guide/one:1\nmsgid '{} months'\nmsgstr ''\n"
    (templates / "outputs.pot").write_text('msgid ""\nmsgstr ""\n\n' + shown.replace("'", '"'), encoding="utf-8")
    _update(folders, "guide/one")
    assert _messages(locales / "fr/LC_MESSAGES/outputs.po").keys() == {"{} months"}


def test_a_catalogue_that_cannot_be_read_is_named_with_its_line(folders):
    path = folders[1] / "fr/LC_MESSAGES/index.po"
    path.parent.mkdir()
    path.write_text('msgid "One"\nmsgst "Un"\n', encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"index\.po:2: .*; mend the line"):
        _update(folders)


def test_the_same_texts_give_the_same_files(folders):
    _say(folders[0] / "index.pot", "One")
    first = {path: path.read_bytes() for path in _update(folders, "index")}
    assert {path: path.read_bytes() for path in _update(folders)} == first


def test_what_is_not_there_is_named(folders):
    with pytest.raises(StageError, match=r"there is no page guide/lost; write it as guide/presenting, without \.md"):
        _update(folders, "guide/lost")
    (folders[1] / "fr").rmdir()
    with pytest.raises(StageError, match=r"there is no language in .*; make a folder with its code"):
        _update(folders)
