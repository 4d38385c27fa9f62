"""Write files whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from roadshow.stage import StageError


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """A draft beside `path`, which takes its place when the block ends well and is gone when it does not.

    Raises:
        StageError: the folder or the file cannot be written, or the disk is full.
    """
    draft = path.with_name(f".{path.name}.draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield draft
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise StageError(
            f"{path}: cannot be written ({error.strerror or error}); name another folder with --to, or make room"
        ) from None
