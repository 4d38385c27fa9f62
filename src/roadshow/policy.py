"""The Content-Security-Policy of the pages: they run the scripts that came with them, and load nothing from elsewhere.

A page may be opened from a stick (``file:``), so the policy stands in the page. On a server a header can say it too.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable

HEAD = "<head>"
"""What the policy stands behind: it holds for what follows."""

_SELF = "'self' file:"
_WRITTEN = re.compile(r'document\.write\("((?:[^"\\]|\\.)*)"\)')
_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_CONTENT = re.compile(r"<(article|main)\b.*</\1>", re.DOTALL)


def policy(scripts: Iterable[str]) -> str:
    """The policy of a page whose own inline scripts are `scripts`.

    No other script runs, no plug-in, and no form is sent elsewhere. Styles in attributes are let through: the reprs of Xarray
    and Dask have them. (W3C: Content Security Policy Level 3, hashes as in section 2.3.1.)
    """
    hashes = sorted({base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode() for script in scripts})
    rules = {
        "default-src": "'none'",
        "script-src": " ".join([_SELF, *(f"'sha256-{value}'" for value in hashes)]),
        "style-src": f"{_SELF} 'unsafe-inline'",
        "img-src": f"{_SELF} data:",
        "font-src": f"{_SELF} data:",
        "media-src": f"{_SELF} data:",
        "connect-src": "'self'",
        "frame-src": _SELF,
        "form-action": _SELF,
        "base-uri": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def with_policy(page: str, scripts: Iterable[str]) -> str:
    """The HTML of a page with its policy, behind which no script runs but `scripts` and those of the page's own folder."""
    return page.replace(HEAD, f'{HEAD}\n<meta http-equiv="Content-Security-Policy" content="{policy(scripts)}">', 1)


def has_policy(page: str) -> bool:
    """Whether a page has its policy already."""
    return '<meta http-equiv="Content-Security-Policy"' in page[: page.find(HEAD) + 100]


def inline_scripts(page: str) -> list[str]:
    """Every inline script of a page."""
    return _SCRIPT.findall(page)


def scripts_of_frame(page: str) -> list[str]:
    """The inline scripts of the frame around a page's content. In the content, which authors and cells write, none may run."""
    return inline_scripts(_CONTENT.sub("", page))


def scripts_of_windows(script: str) -> list[str]:
    """The inline scripts of a window that `script` writes, such as reveal.js's speaker view; it has its opener's policy."""
    written = (re.sub(r"\\x([0-9a-fA-F]{2})", r"\\u00\1", found) for found in _WRITTEN.findall(script))
    return [inline for text in written for inline in inline_scripts(json.loads(f'"{text}"'))]
