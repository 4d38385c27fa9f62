"""Captions of a talk, from its notes and its declared minutes (WebVTT: https://www.w3.org/TR/webvtt1/)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from html import escape

from roadshow.stage.built import BuiltSlide

LINE, LINES = 42, 2
"""Characters in a line and lines in a caption: what subtitles on a screen commonly keep to."""


def captions(slides: Sequence[BuiltSlide]) -> str:
    """The captions of a deck: what is said on a slide fills its spoken seconds, each caption by its share of the letters."""
    cues, start = [], 0.0
    for slide in slides:
        cues += list(_cues(slide, start))
        start += slide.seconds
    return "\n\n".join(["WEBVTT", *cues]) + "\n"


def _cues(slide: BuiltSlide, start: float) -> Iterator[str]:
    shown = [text for paragraph in slide.notes for text in _blocks(paragraph)]
    letters = sum(len(text) for text in shown)
    for text in shown if slide.seconds else ():
        end = start + (slide.seconds - slide.work) * len(text) / letters
        yield f"{_clock(start)} --> {_clock(end)}\n<v {escape(slide.speaker, quote=False)}>{escape(text, quote=False)}"
        start = end


def _blocks(paragraph: str) -> Iterator[str]:
    lines = textwrap.wrap(paragraph, LINE)
    for first in range(0, len(lines), LINES):
        yield "\n".join(lines[first : first + LINES])


def _clock(seconds: float) -> str:
    milliseconds = round(1000 * seconds)
    return (
        f"{milliseconds // 3_600_000:02}:{milliseconds // 60_000 % 60:02}:{milliseconds // 1000 % 60:02}.{milliseconds % 1000:03}"
    )
