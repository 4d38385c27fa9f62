"""A deck as one HTML file, with its styles, fonts, scripts and pictures in it."""

from __future__ import annotations

import base64
import io
import mimetypes
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from PIL import Image

from roadshow.policy import scripts_of_windows, with_policy
from roadshow.stage import StageError
from roadshow.stage.built import BuiltDeck

QUALITY = 60
"""Of AVIF with full colour resolution: a fifth of the size of a figure's PNG, and no difference to be seen."""

_IMPORT = re.compile(r'@import url\("([^"]+)"\) layer\((\w+)\);')
_URL = re.compile(r"""url\(\s*["']?(?!data:|#)([^"')]+)["']?\s*\)""")


def one_file(deck: BuiltDeck, progress: Callable[[int, int], None] = lambda done, total: None) -> str:
    """The HTML of `deck` with everything in it that it loads.

    A link to a page beside the deck leads to the published site where the deck knows its address, and is plain text where not.

    Args:
        deck: the built deck.
        progress: told after each picture how many are done, of how many.

    Raises:
        StageError: a file that the deck loads is not there.
    """
    html = BeautifulSoup(deck.path.read_text(encoding="utf-8"), "html.parser")
    folder = deck.path.parent
    for style in html.find_all("style"):
        style.string = _IMPORT.sub(lambda found: f"@layer {found[2]} {{\n{_style(_file(folder, found[1]))}\n}}", style.get_text())
    for link in html.select("link[rel=stylesheet][href]"):
        style = html.new_tag("style")
        style.string = _style(_file(folder, str(link["href"])))
        link.replace_with(style)
    for script in html.select("script[src]"):
        # A script that speaks of "</script" would end itself.
        script.string = _file(folder, str(script.attrs.pop("src"))).read_text(encoding="utf-8").replace("</script", r"<\/script")
    pictures = html.select("img[src]")
    for done, image in enumerate(pictures, 1):
        source = str(image["src"])
        if not source.startswith("data:"):
            image["src"] = _picture(_file(folder, source).resolve())
        progress(done, len(pictures))
    _lead_outside(html)
    for meta in html.select("meta[http-equiv=Content-Security-Policy]"):
        meta.decompose()
    scripts = [script.string or "" for script in html.select("script") if not script.find_parent("main")]
    return with_policy(str(html), [*scripts, *(opened for script in scripts for opened in scripts_of_windows(script))])


def _file(folder: Path, address: str) -> Path:
    path = folder / unquote(urlsplit(address).path)
    if not path.is_file():
        raise StageError(f"{path}: a file that the deck loads is not there; build again: make site")
    return path


def _style(path: Path) -> str:
    return _URL.sub(lambda found: f'url("{_as_data(_file(path.parent, found[1]))}")', path.read_text(encoding="utf-8"))


def _as_data(path: Path) -> str:
    kind = {".woff2": "font/woff2"}.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


@cache
def _picture(path: Path) -> str:
    if path.suffix != ".png":
        return _as_data(path)
    packed = io.BytesIO()
    with Image.open(path) as image:
        image.save(packed, format="AVIF", quality=QUALITY, subsampling="4:4:4")
    return f"data:image/avif;base64,{base64.b64encode(packed.getvalue()).decode()}"


def _lead_outside(html: BeautifulSoup) -> None:
    canonical = html.select_one("link[rel=canonical][href]")
    for link in html.select("a[href]"):
        if not re.match(r"#|[a-z]+:", str(link["href"])):
            _lead_to(link, canonical)


def _lead_to(link: Tag, canonical: Tag | None) -> None:
    if canonical:
        link["href"] = urljoin(str(canonical["href"]), str(link["href"]))
    else:
        link.unwrap()
