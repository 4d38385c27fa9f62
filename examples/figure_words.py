"""What a figure says: its words beside the picture, and the picture in the words of other languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from IPython.core.pylabtools import print_figure
from matplotlib.figure import Figure
from matplotlib.text import Text

LOCALES = Path(__file__).parents[1] / "locales"


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
    for path in sorted(LOCALES.glob("*/LC_MESSAGES/figures.po")):
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
