"""A figure says in each language what it says in English, with its own numbers; and its words stand beside it."""

import matplotlib.pyplot as plt
import pytest
from IPython.core.pylabtools import print_figure

from examples import figure_words


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


FRENCH = {
    "North America, {}s: {} K": "Amérique du Nord, années {} : {} K",
    "one array": "un\ntableau",
    "Dask, {} workers": "Dask, {} workers",
    "{}°W": "{}°O",
    "{} MiB": "{} Mio",
    "{} of {} tasks": "{} tâches",
}


def _drawn(title, ticks, note, place):
    figure, axes = plt.subplots()
    axes.set_title(title)
    axes.set_xticks([0, 1], ticks)
    axes.text(0.2, 0.5, note)
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}°{place}")
    return figure


@pytest.fixture
def in_french(monkeypatch):
    monkeypatch.setattr(figure_words, "_languages", lambda: {"fr": FRENCH})


def test_a_figure_is_drawn_in_each_language_as_if_it_had_been_written_in_it(in_french):
    english = "North America, 2090s: 4.9 K", ["one\narray", "Dask,\n2,000 workers"], "  3,055 MiB", "W"
    french = (
        "Amérique du Nord, années 2090 : 4.9 K",
        ["un\ntableau", "Dask,\n2\N{NO-BREAK SPACE}000 workers"],
        "  3\N{NO-BREAK SPACE}055 Mio",
        "O",
    )
    figure = _drawn(*english)
    picture, others = figure_words.pictures(figure)
    assert others == {"fr": print_figure(_drawn(*french), base64=True)}
    assert picture == print_figure(_drawn(*english), base64=True)
    assert figure_words.pictures(figure) == (picture, others), "its own words are back"


def test_a_figure_without_words_of_a_language_is_drawn_once(in_french):
    assert figure_words.pictures(_drawn("Dask", ["a", "b"], "and a sentence of its own", ""))[1] == {}


def test_the_words_of_a_figure_name_its_ticks_but_no_formulas():
    figure = _drawn("North America", ["one\narray", "NumPy"], "note", "W")
    figure.axes[0].set_yscale("log")
    assert figure_words.words(figure).splitlines()[:4] == ["North America", "note", "one array", "NumPy"]
    assert "$" not in figure_words.words(figure)
