"""The look of the figures: made for a projector and the back row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from html import escape
from pathlib import Path

import matplotlib.pyplot as plt
from babel.messages.pofile import read_po
from IPython.core.getipython import get_ipython
from IPython.core.pylabtools import print_figure
from IPython.display import HTML
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text

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
        formatters["text/plain"].for_type(Figure, lambda figure, printer, cycle: printer.text(words(figure)))
        formatters["image/png"].for_type(Figure, pictures)


def words(figure: Figure) -> str:
    """What a figure says in words, a line each: its titles, labels, notes, legends and named ticks."""
    texts = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        texts += [axes.get_title(loc=place) for place in ("left", "center", "right")]
        texts += [axes.get_xlabel(), axes.get_ylabel(), *(text.get_text() for text in axes.texts)]
        legend = axes.get_legend()
        texts += [text.get_text() for text in legend.get_texts()] if legend else []
        ticks = [text.get_text() for text in (*axes.get_xticklabels(), *axes.get_yticklabels())]
        # Not 10 to the power of 3, which Matplotlib writes as a formula.
        texts += [text for text in ticks if re.search(r"[^\W\d_]{2}|\d°?[^\W\d_]", text) and "$" not in text]
    return "\n".join(" ".join(text.split()) for text in texts if text.strip())


def pictures(figure: Figure) -> tuple[str | None, dict[str, str]]:
    """A figure as PNG in base64; and by language the same in the words of each other language that has some of them."""
    drawn = print_figure(figure, base64=True)
    others = {}
    for language, texts in _languages().items():
        if any(_said(texts, text.get_text()) != text.get_text() for text in figure.findobj(Text)):
            with _saying(texts, figure):
                others[language] = print_figure(figure, base64=True)
    return drawn, others


@cache
def _languages() -> dict[str, dict[str, str]]:
    """By language, what figures say in it: for each English text, with ``{}`` for a number, its translation."""
    found = {}
    for path in sorted((HERE.parent / "locales").glob("*/LC_MESSAGES/figures.po")):
        with path.open("rb") as file:
            messages = [message for message in read_po(file) if message.id and message.string and not message.fuzzy]
        found[path.parts[-3]] = {str(message.id): str(message.string) for message in messages}
    return found


_NUMBER = re.compile(r"\d(?:[\d.,]*\d)?")


def _said(texts: dict[str, str], text: str) -> str:
    """A text as `texts` have it, with its own numbers, and the space before it.

    A comma before thousands, which would be a decimal point in many a language, becomes a space.
    """
    own = _NUMBER.sub("{}", text)
    pattern = " ".join(own.split())
    if pattern not in texts:
        return text
    numbers = (number.replace(",", "\N{NO-BREAK SPACE}") for number in _NUMBER.findall(text))
    # Words that stay as they are keep their lines, too.
    found = own if texts[pattern] == pattern else text[: -len(text.lstrip())] + texts[pattern]
    return re.sub(r"\{\}", lambda _: next(numbers, ""), found)


@contextmanager
def _saying(texts: dict[str, str], figure: Figure) -> Iterator[None]:
    """Have a figure say in other words what it says, while it is drawn."""
    before, set_text = {text: text.get_text() for text in figure.findobj(Text)}, Text.set_text
    # Ticks, and the degrees along a map, are set as the figure is drawn.
    Text.set_text = lambda self, s: set_text(self, _said(texts, str(s)))  # type: ignore[method-assign]
    try:
        for text, said in before.items():
            text.set_text(said)
        yield
    finally:
        Text.set_text = set_text  # type: ignore[method-assign]
        for text, said in before.items():
            text.set_text(said)


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
