"""What installed packages ask for, and how to put one back into the wheel it came from."""

from __future__ import annotations

import zipfile
from collections.abc import Collection
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement


def asks_for(name: str) -> list[Requirement]:
    """What a package requires in this environment, as its metadata say; no extras.

    Raises:
        importlib.metadata.PackageNotFoundError: it is not installed.

    """
    wanted = map(Requirement, metadata.requires(name) or ())
    return [need for need in wanted if not need.marker or need.marker.evaluate({"extra": ""})]


def with_all_it_needs(name: str, known: Collection[str] = ()) -> list[str]:
    """The names of a package and of all that it requires, sorted; those `known` are not looked up again.

    Raises:
        importlib.metadata.PackageNotFoundError: one of them is not installed.

    """
    found = {*known, name}
    for need in asks_for(name):
        if need.name.lower() not in found:
            found.update(with_all_it_needs(need.name.lower(), found))
    return sorted(found)


def pack(name: str, folder: Path) -> Path:
    """Put what is installed of a package into a wheel in `folder`, named as the wheel format says; its path.

    Programs that lie outside the package's own folders, and compiled caches, are left out. The name follows
    https://packaging.python.org/en/latest/specifications/binary-distribution-format/

    Raises:
        importlib.metadata.PackageNotFoundError: it is not installed.

    """
    package = metadata.distribution(name)
    lines = (package.read_text("WHEEL") or "").splitlines()
    tags = [line.removeprefix("Tag: ").split("-") for line in lines if line.startswith("Tag: ")]
    parts = [".".join(dict.fromkeys(part)) for part in zip(*tags, strict=True)]
    wheel = folder / f"{package.name.replace('-', '_')}-{package.version}-{'-'.join(parts)}.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for file in package.files or ():
            place = Path(str(file.locate()))
            if ".." not in file.parts and "__pycache__" not in file.parts and place.is_file():
                archive.write(place, str(file))
    return wheel
