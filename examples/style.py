"""The look of the figures: made for a projector and the back row."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

import matplotlib.pyplot as plt
from IPython.core.getipython import get_ipython
from IPython.display import HTML
from matplotlib import font_manager
from matplotlib.figure import Figure

from examples import figure_words

HERE = Path(__file__).parent
BLUE, VERMILION, GREEN, PINK, ORANGE, SKY, BLACK = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"
"""Okabe and Ito's colours, which colour-blind people can tell apart: https://jfly.uni-koeln.de/color/"""


def use() -> None:
    """Draw all figures from here on in the style of the talks, in the project's font where it is there."""
    for font in sorted((HERE.parent / "assets" / "fonts").glob("*.ttf")):
        font_manager.fontManager.addfont(font)
    plt.style.use(HERE / "talk.mplstyle")
    shell = get_ipython()
    if shell and shell.display_formatter and "inline" in plt.get_backend():
        # It would set up its formatters with the first figure, in the place of ours.
        shell.enable_matplotlib("inline")
        formatters = shell.display_formatter.formatters
        formatters["text/plain"].for_type(Figure, lambda figure, printer, cycle: printer.text(figure_words.words(figure)))
        formatters["image/png"].for_type(Figure, figure_words.pictures)


def source(figure: Figure, text: str) -> None:
    """Write under a figure where its data come from."""
    figure.supxlabel(text, x=0.005, ha="left", fontsize=16, color="#4d5b67")


def table(rows: dict[str, str]) -> HTML:
    """A small table of results for a slide: on each row what it is, and its value."""
    cells = "".join(f"<tr><td>{escape(name)}</td> <td><strong>{escape(value)}</strong></td></tr>" for name, value in rows.items())
    return HTML(f'<table class="dataframe"><tbody>{cells}</tbody></table>')


def rows(heads: Iterable[str], body: Iterable[Iterable[object]]) -> HTML:
    """A table for a slide, under the heads of its columns; a cell shows its value as `str` gives it."""
    # A space between the cells keeps their words apart where only the text is read, as a search does.
    head = " ".join(f"<th>{escape(name)}</th>" for name in heads)
    lines = "\n".join("<tr>" + " ".join(f"<td>{escape(str(value))}</td>" for value in row) + "</tr>" for row in body)
    return HTML(f'<table class="dataframe"><thead><tr>{head}</tr></thead>\n<tbody>{lines}</tbody></table>')
