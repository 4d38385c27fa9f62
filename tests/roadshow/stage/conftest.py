"""Small decks, written by hand, for what is done with a built deck."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from PIL import Image

from roadshow.stage.built import BuiltDeck

REVEAL = Path(str(files("sphinx_revealjs"))) / "_static" / "revealjs"
STYLE = """
body { margin: 0; background: #fff; }
html[data-theme=dark] body { background: #000; }
html[data-theme=dark] .reveal :is(h2, p, li, td, pre, a) { color: #fff; }
.reveal { font: 28px/1.3 sans-serif; color: #000; text-align: left; }
.reveal .slide { width: 1280px; height: 720px; padding: 40px; box-sizing: border-box; }
.reveal :is(h2, p, ul, pre, table) { margin: 0 0 20px; }
.reveal h2 { font-size: 40px; }
"""


@pytest.fixture
def make_deck(tmp_path) -> Callable[..., BuiltDeck]:
    """Write a deck of these sections, named `name`, with reveal.js as it comes, into a site of its own."""

    def make(*sections: str, name: str = "small", slot: float = 10, head: str = "", script: str = "") -> BuiltDeck:
        site = tmp_path / "site"
        (site / "talks").mkdir(parents=True, exist_ok=True)
        for file in "reveal.js", "reveal.css":
            shutil.copy(REVEAL / "dist" / file, site)
        Image.new("RGB", (1800, 900), "#0072b2").save(site / "talks" / "good.png")
        Image.new("RGB", (400, 300), "#0072b2").save(site / "talks" / "coarse.png")
        path = site / "talks" / f"{name}-slides.html"
        path.write_text(
            f"""<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>{name}</title>{head}
            <style>@layer reveal;
            @import url("../reveal.css") layer(reveal);
            {STYLE}</style></head><body><div class="reveal" data-slot="{slot}"><main class="slides">{"".join(sections)}</main></div>
            <script src="../reveal.js"></script>
            <script>Reveal.initialize({{width: 1280, height: 720,center: false, margin: 0, slideNumber: true, transition: "none"}});
            {script}</script>
            </body></html>""",
            encoding="utf-8",
        )
        return BuiltDeck(name, path)

    return make


@pytest.fixture
def slide() -> Callable[..., str]:
    """A section as a built deck has it, told by one speaker in a minute unless said."""

    def write(
        name: str, body: str, notes: str = "<p>Something to say.</p>", speaker: str = "The maintainer", **data: object
    ) -> str:
        attributes = {"timing": 60, "segment": "a-segment", "segment-title": "A segment", "speaker-name": speaker} | data
        told = "".join(f' data-{key.replace("_", "-")}="{value}"' for key, value in attributes.items())
        return (
            f'<section id="{name}"{told}><div class="slide"><h2>{name}</h2><div class="content"><div>{body}</div></div>'
            f'<aside class="notes">{notes}</aside></div></section>'
        )

    return write


@pytest.fixture
def backup() -> str:
    """A section that is not in the flow."""
    return (
        '<section id="q1" class="backup" data-visibility="uncounted"><div class="slide"><h2>Asked?</h2><p>So be it.</p></div>'
        '<aside class="notes"><p>Backup.</p></aside></section>'
    )
