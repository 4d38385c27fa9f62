"""A page loads what it shows: one file of styles and one of scripts, none that it does not use, and none that holds up its text."""

from __future__ import annotations

import posixpath
import re
import zlib
from html import unescape
from pathlib import Path

from PIL import Image

_UNUSED = re.compile(
    r'\s*<script[^>]* src="[^"]*\b(?:fontawesome|searchtools|language_data|searchindex)\.js[^"]*"></script>'
    r'|\s*<link rel="preload" as="script"[^>]*>'
)
_SHEET = re.compile(r'[ \t]*<link (?=[^>]*rel="stylesheet")[^>]*href="([^"?]*)_static/([^"?]+)[^"]*"[^>]*>\n?')
_SCRIPT = re.compile(r'[ \t]*<script[^>]* src="([^"?]*)_static/([^"?]+)[^"]*"></script>\n?')
_IMPORT = re.compile(r'@import "([^"]+)";')
_URL = re.compile(r'url\((["\']?)(?!["\']|data:|#|\w+:)([^"\')]+)')
_NO_USE = re.compile(r'@charset "[^"]*";|/\*# sourceMappingURL=.*?\*/|^//# sourceMappingURL=.*$', re.MULTILINE)
_ICON = re.compile(r"(?:\.fa-[\w-]+,?)+\{--fa:[^}]*\}")
_SHOWN = re.compile(r"\.fa-(?:github|gitlab|bitbucket|pencil|lightbulb)\b")
"""The icons of the theme's font that pages show, on the buttons for the repository; ``icons.css`` draws all others."""
_PICTURE = re.compile(r'<img\b(?![^>]*\s(?:width|height|loading)=)[^>]*?\ssrc="(?!\w+:)([^"]+\.(?:png|jpe?g|webp))"')


def renew(static: Path) -> None:
    """Write what pages of earlier builds load again: the styles and scripts in it may have changed, and the pages not."""
    for one in static.glob("pages-*"):
        files = one.read_text(encoding="utf-8").partition("\n")[0].removeprefix("/* ").removesuffix(" */").split()
        if all((static / file).exists() for file in files):
            _write(static, one.name, files)
        else:
            one.unlink()


def lean(page: str, path: Path, static: Path) -> str:
    """The HTML of the page at `path` without what it does not use, its styles in one file and its scripts in another.

    Icons come as a font with the theme's styles; the script that would draw them again is larger than all the rest. The scripts
    and the index of the search are needed on its own page only. Scripts run when the page has been read; inline ones that set
    what an earlier one declared wait as modules do.
    """
    page = _in_one(page, _SHEET, static, "css", '    <link rel="stylesheet" href="{}" />\n')
    if path.name != "search.html":
        page = _in_one(_UNUSED.sub("", page), _SCRIPT, static, "js", '    <script defer src="{}"></script>\n')
        page = page.replace("<script>DOC", '<script type="module">DOC')
    return _PICTURE.sub(lambda found: _with_size(found, path.parent), page)


def _in_one(page: str, kind: re.Pattern[str], static: Path, suffix: str, tag: str) -> str:
    found = list(kind.finditer(page))
    if not found:
        return page
    names = [file[2] for file in found]
    one = f"pages-{zlib.crc32(' '.join(names).encode()):08x}.{suffix}"
    address = f"{found[0][1]}_static/{one}?v={_write(static, one, names):08x}"
    return page[: found[0].start()] + tag.format(address) + kind.sub("", page[found[0].end() :])


def _write(static: Path, name: str, files: list[str]) -> int:
    """Write the `files` of the static folder as one, which names them in its first line; return its check sum."""
    if name.endswith(".css"):
        parts = [_styles(static, file) for file in files]
    else:
        parts = [f"{_NO_USE.sub('', (static / file).read_text(encoding='utf-8'))};" for file in files]
    text = "\n".join([f"/* {' '.join(files)} */", *parts])
    (static / name).write_text(text, encoding="utf-8")
    return zlib.crc32(text.encode())


def _styles(static: Path, name: str) -> str:
    """The text of a style sheet in the static folder, as if it lay at the top of it."""
    folder = posixpath.dirname(name)

    def beside(path: str) -> str:
        return posixpath.normpath(posixpath.join(folder, path))

    text = _URL.sub(lambda found: f"url({found[1]}{beside(found[2])}", (static / name).read_text(encoding="utf-8"))
    text = _ICON.sub(lambda found: found[0] if _SHOWN.search(found[0]) else "", text)
    return _IMPORT.sub(lambda found: _styles(static, beside(found[1])), _NO_USE.sub("", text))


def _with_size(picture: re.Match[str], folder: Path) -> str:
    file = folder / unescape(picture[1])
    if not file.exists():
        return picture[0]
    with Image.open(file) as image:
        width, height = image.size
    return f'{picture[0]} width="{width}" height="{height}" loading="lazy"'
