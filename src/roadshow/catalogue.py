"""The catalogues of a translation, one for each page and four more."""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po

INTERFACE = "roadshow"
"""What the extension writes, its scripts too."""

TABLES = "tables"
"""What it takes from the tables of evidence, from the segments' front matter and from the visit."""

OUTPUTS = "outputs"
"""What cells print, and what the tables say that they show; a number stands in it as ``{}``."""

FIGURES = "figures"
"""What their figures say, in the same way; a figure is drawn in each language as its cell runs."""


class CatalogueError(Exception):
    """A file of a translation cannot be read; the message names the line and the mend."""


def read_catalogue(path: Path) -> Catalog:
    """What a ``.po`` or ``.pot`` file says.

    Raises:
        CatalogueError: a line cannot be read.
    """
    try:
        with path.open("rb") as file:
            return read_po(file, abort_invalid=True)
    except PoFileError as error:
        raise CatalogueError(f"{path}:{error.lineno + 1}: {error}; mend the line") from error


def translated(catalogue: Catalog) -> dict[str, str]:
    """The texts that have a translation, with it; one that is marked as fuzzy has none, as for Sphinx."""
    return {str(message.id): str(message.string) for message in catalogue if message.id and message.string and not message.fuzzy}
