"""What the cells of a page gave when they last ran beside the programs that they require, for machines that have them not.

A page that requires programs which pip does not bring says so in its front matter, ``requires: {slurmctld: "-V"}``: each
program with the option that prints its version. Where a service of the page comes with pip, it is ``requires: {}``.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

_VERSION = re.compile(r"\d+(\.\d+)+")


@dataclass(frozen=True)
class Recording:
    """The outputs of a page's cells, in order, with the digest of their code.

    It says too when they ran (seconds since 1970), on which machine, beside which programs and with which packages.
    """

    sources: str
    started: float
    machine: str
    programs: dict[str, str]
    named: dict[str, str]
    language_info: dict[str, Any]
    outputs: list[list[dict[str, Any]]]

    @classmethod
    def read(cls, path: Path) -> Self:
        """The recording in a file.

        Raises:
            FileNotFoundError: there is none.
            ValueError: it is not one.
        """
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError:
            kept = None
        if not isinstance(kept, dict) or kept.keys() != {field.name for field in fields(cls)}:
            raise ValueError(f"{path.name} is not a recording of this version")
        return cls(**kept)

    def text(self) -> str:
        """What its file holds."""
        return json.dumps(asdict(self), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def program(name: str) -> str | None:
    """Where a program is: beside this interpreter, where packages put theirs, or else on the path."""
    return shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]))


def missing(names: Iterable[str]) -> list[str]:
    """Those of the programs that are not here."""
    return [name for name in names if not program(name)]


def versions(requires: Mapping[str, str]) -> dict[str, str]:
    """The version of each program, as it prints it with its option; nothing where it prints none."""
    found = {}
    for name, option in requires.items():
        told = subprocess.run([program(name) or name, option], capture_output=True, text=True, check=False, timeout=60)
        number = _VERSION.search(told.stdout + told.stderr)
        found[name] = number[0] if number else ""
    return found
