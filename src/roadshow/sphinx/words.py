"""What the extension itself writes on pages and slides, in the language of the site: from ``roadshow.po`` in its `locale_dirs`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from babel.messages.pofile import PoFileError, read_po
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment


def words(env: BuildEnvironment) -> Callable[[str], str]:
    """What gives a text in the language of the site; one that is not translated stays as it is."""
    texts: dict[str, str] = env.config.roadshow_words
    return lambda text: texts.get(text, text)


def read_words(app: Sphinx, config: Config) -> None:
    """Read the catalogue once; all pages are read again when it changes. (`config-inited`.)

    What is marked as fuzzy counts as not translated, as it does for Sphinx.
    """
    for folder in config.locale_dirs:
        path = Path(app.confdir, folder, config.language, "LC_MESSAGES", "roadshow.po")
        if path.exists():
            try:
                with path.open("rb") as file:
                    catalogue = read_po(file, abort_invalid=True)
            except PoFileError as error:
                sys.exit(f"\n{path}:{error.lineno + 1}: {error}; mend the line")
            config.roadshow_words = {message.id: message.string for message in catalogue if message.string and not message.fuzzy}


def setup(app: Sphinx) -> None:
    """Register the value that the words are kept in."""
    app.add_config_value("roadshow_words", {}, "env", types=frozenset({dict}), description="")
    app.connect("config-inited", read_words)
