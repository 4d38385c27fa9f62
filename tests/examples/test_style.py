"""The figures are made for the back row: large type, the project's font, colours that all can tell apart."""

import io
import logging
import warnings
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from bs4 import BeautifulSoup
from matplotlib import font_manager
from matplotlib.text import Text

from examples import style

FONTS = Path(style.__file__).parents[1] / "assets" / "fonts"
# Okabe and Ito's table of colours, as the red, green and blue that they give.
OKABE_ITO = {
    "black": (0, 0, 0),
    "orange": (230, 159, 0),
    "sky blue": (86, 180, 233),
    "bluish green": (0, 158, 115),
    "yellow": (240, 228, 66),
    "blue": (0, 114, 178),
    "vermilion": (213, 94, 0),
    "reddish purple": (204, 121, 167),
}
SOURCE = "Niño 3.4, 5°S to 5°N. GloSea4, Met Office, via iris-sample-data"


@pytest.fixture(autouse=True)
def talk_style():
    with mpl.rc_context():
        mpl.rcdefaults()
        style.use()
        yield
    plt.close("all")


@pytest.fixture
def figure():
    """A figure with all the text that a figure has."""
    figure, axes = plt.subplots()
    lines = axes.plot([1, 2, 3], [1, 4, 9], label="members")
    axes.set(title="The spread grows", xlabel="month", ylabel="K")
    axes.legend(title="ensemble")
    axes.annotate("here", (2, 4))
    figure.colorbar(mpl.cm.ScalarMappable(), ax=axes, label="share")
    figure.suptitle("Two scenarios")
    style.source(figure, SOURCE)
    figure.canvas.draw()
    assert lines
    return figure


def _texts(figure) -> list[Text]:
    return [text for text in figure.findobj(Text) if text.get_text().strip()]


def test_all_text_is_at_least_sixteen_points(figure):
    texts = {text.get_text(): text.get_fontsize() for text in _texts(figure)}
    assert {"members", "The spread grows", "month", "K", "ensemble", "here", "share", "Two scenarios", SOURCE} <= texts.keys()
    assert {text: size for text, size in texts.items() if size < 16} == {}


def test_all_text_is_in_the_project_s_font(figure):
    for text in _texts(figure):
        assert Path(font_manager.findfont(text.get_fontproperties())).parent == FONTS


def test_titles_are_bold_and_labels_are_not(figure):
    title, label = figure.axes[0]._left_title, figure.axes[0].xaxis.label
    assert Path(font_manager.findfont(title.get_fontproperties())).name == "atkinson-hyperlegible-next-700.ttf"
    assert Path(font_manager.findfont(label.get_fontproperties())).name == "atkinson-hyperlegible-next-400.ttf"


def test_the_font_has_the_signs_that_the_field_needs():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn, axes = plt.subplots()
        axes.set_title("Niño 3.4: 26.0 °C − 2 K ± 0.4, 5°S–5°N, “quoted”, é")
        drawn.canvas.draw()


def test_the_colours_are_okabe_and_ito_s():
    cycle = [colour.lstrip("#").upper() for colour in mpl.rcParams["axes.prop_cycle"].by_key()["color"]]
    named = [style.BLUE, style.VERMILION, style.GREEN, style.PINK, style.ORANGE, style.SKY, style.BLACK]
    assert cycle == [colour.lstrip("#").upper() for colour in named]
    assert len(set(cycle)) == 7
    assert {tuple(bytes.fromhex(colour)) for colour in cycle} <= set(OKABE_ITO.values())


@pytest.mark.parametrize("size", [None, (11.5, 5)])
def test_a_figure_is_as_wide_as_a_good_projector(size):
    drawn, _ = plt.subplots(figsize=size)
    file = io.BytesIO()
    drawn.savefig(file, format="png")
    file.seek(0)
    height, width, _ = plt.imread(file).shape
    assert 1950 <= width <= 2050
    assert width / height == pytest.approx(11.5 / 5, rel=0.01)


def test_the_source_stands_whole_under_the_axes(figure):
    (source,) = [text for text in _texts(figure) if text.get_text() == SOURCE]
    place, page = source.get_window_extent(), figure.bbox
    assert page.x0 <= place.x0 < 0.02 * page.width
    assert place.x1 <= page.x1
    assert page.y0 <= place.y0
    assert place.y1 <= figure.axes[0].get_tightbbox().y0


def test_use_may_be_called_again(caplog, figure):
    before, face = dict(mpl.rcParams), font_manager.findfont(font_manager.FontProperties())
    with caplog.at_level(logging.WARNING), warnings.catch_warnings():
        warnings.simplefilter("error")
        style.use()
        plt.subplots()[0].canvas.draw()
    assert dict(mpl.rcParams) == before
    assert font_manager.findfont(font_manager.FontProperties()) == face
    assert caplog.records == []


def test_a_table_shows_its_rows_in_order_and_escapes_them():
    page = style.table({"warming": "4.7 K", "p < 0.05": "<b> & more"}).data
    assert page.count("<tr>") == 2
    assert page.index("<td>warming</td> <td><strong>4.7 K</strong></td>") < page.index("p &lt; 0.05")
    assert "&lt;b&gt; &amp; more" in page


def test_rows_stand_under_their_heads_as_they_are():
    page = BeautifulSoup(style.rows(("who", "p < 0.05"), iter([("<b>", 2), ("a & b", 0.25)])).data, "html.parser")
    cells = [[cell.text for cell in row.find_all(["th", "td"])] for row in page.find_all("tr")]
    assert cells == [["who", "p < 0.05"], ["<b>", "2"], ["a & b", "0.25"]]
    assert page.text.split() == ["who", "p", "<", "0.05", "<b>", "2", "a", "&", "b", "0.25"]
