"""Every page of the built site states its policy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from roadshow.policy import has_policy, inline_scripts, scripts_of_frame, scripts_of_windows, with_policy
from roadshow.sphinx.access import named
from roadshow.sphinx.lean import lean, renew

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def add_policies(app: Sphinx, exception: Exception | None) -> None:
    """Write each page that is new as it is served: in few files, and with its policy. (`build-finished`.)"""
    if exception or app.builder.name != "html":
        return
    static = Path(app.outdir, "_static")
    _write_plural_as_code(static / "translations.js")
    renew(static)
    notes = static / "reveal/notes.js"
    opened = scripts_of_windows(notes.read_text(encoding="utf-8")) if notes.exists() else []
    for path in Path(app.outdir).rglob("*.html"):
        if path.is_relative_to(static):
            continue
        page = path.read_text(encoding="utf-8")
        if not has_policy(page):
            if not path.name.endswith("-slides.html"):
                page = lean(page, path, static)
            # What the search page shows as its content is a template of Sphinx's, script included.
            scripts = inline_scripts(page) if path.name == "search.html" else scripts_of_frame(page)
            path.write_text(named(with_policy(page, [*scripts, *opened])), encoding="utf-8")


def _write_plural_as_code(translations: Path) -> None:
    """Sphinx hands a language's rule of the plural to `new Function` in the reader's browser, which the policy forbids."""
    call, end = "Documentation.addTranslations(", ");"
    text = translations.read_text(encoding="utf-8").strip() if translations.exists() else ""
    if text.startswith(call):
        catalog = text.removeprefix(call).removesuffix(end)
        rule = json.loads(catalog)["plural_expr"]
        lines = [
            f"Object.assign(Documentation.TRANSLATIONS, {catalog}.messages);",
            f"Documentation.PLURAL_EXPR = n => Number({rule});",
            f"Documentation.LOCALE = {json.dumps(json.loads(catalog)['locale'])};",
        ]
        translations.write_text("\n".join(lines) + "\n", encoding="utf-8")
