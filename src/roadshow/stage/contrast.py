"""The contrast of text, as it is and as a dim projector shows it (WCAG 2.2, success criterion 1.4.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

WASHED_OUT = 0.6
"""What a lit room leaves of the contrast: the factor of CSS's `contrast()` filter."""


def ratio(first: str, second: str, contrast: float = 1.0) -> float:
    """The contrast ratio (1 to 21) of two colours ``#rrggbb``, seen through a `contrast()` filter with that factor.

    Luminance and ratio as WCAG 2.2 defines them; the filter as in Filter Effects Module Level 1: (c - 0.5) * factor + 0.5.
    """
    light, dark = sorted((_luminance(_seen(colour, contrast)) for colour in (first, second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def required(size: float, *, bold: bool) -> float:
    """The ratio that level AA asks for text of `size` in px: 3 for large text (24 px, or 18.66 px if bold), else 4.5."""
    return 3.0 if size >= 24 or (bold and size >= 18.66) else 4.5


def washed_out_faults(nodes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What falls below level AA on a washed-out projector, of the nodes whose colours axe-core has found good."""
    seen = set()
    for node in nodes:
        data = node["any"][0]["data"] if node["any"] else None
        if not data or not data.get("fgColor"):
            continue
        sizes = re.search(r"([\d.]+)px", data["fontSize"])
        need = required(float(sizes[1]) if sizes else 0, bold=data["fontWeight"] == "bold")
        left = ratio(data["fgColor"], data["bgColor"], WASHED_OUT)
        if left < need and (pair := (data["fgColor"], data["bgColor"])) not in seen:
            seen.add(pair)
            yield f"{pair[0]} on {pair[1]} keeps {left:.1f} of the {need:g} that it needs on a dim projector: {node['html'][:60]}"


def _seen(colour: str, contrast: float) -> list[float]:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return [(channel - 0.5) * contrast + 0.5 for channel in channels]


def _luminance(channels: Sequence[float]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
