"""What the bytes of each sample are known to be, so that a damaged file is found before it is drawn.

They stand in `samples.sha256`, as `sha256sum` writes them, below the version of the package that they are of. When a package
brings new data: look at them, then run ``python -m examples.checksums``.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path, PurePosixPath

TABLE = Path(__file__).with_name("samples.sha256")


def fault(files: dict[str, Path], pattern: str, package: str) -> str | None:
    """What is wrong with the files of a package, by their names in the table; None if they are all that fit, with those bytes."""
    known, versions = _table()
    wrong = [str(path) for name, path in files.items() if known.get(name) != _sha256(path)]
    wrong += [name for name in known if PurePosixPath(name).match(pattern) and name not in files]
    if not wrong:
        return None
    if (installed := version(package)) != (checked := versions.get(package)):
        return (
            f"{wrong[0]}: not known of {package} {installed}; run: pip install {package}=={checked} "
            "(or look at the new data, then: python -m examples.checksums)"
        )
    return f"{wrong[0]}: the file is damaged or missing; run: pip install --force-reinstall {package}=={installed}"


@cache
def _sha256(path: Path) -> str:
    """Of a file's bytes, which are read once in a process."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def _table() -> tuple[dict[str, str], dict[str, str]]:
    """The digest of each file by its name, and the version of each package."""
    lines = [line.split() for line in TABLE.read_text(encoding="utf-8").splitlines()]
    return {name: digest for digest, name, *_ in lines if digest != "#"}, {line[1]: line[2] for line in lines if line[0] == "#"}


def renew() -> None:
    """Write the table anew from what is installed."""
    from examples import catalogue, samples  # noqa: PLC0415  they import this module

    packages: dict[str, dict[str, Path]] = {}
    for name, entry in {**catalogue.CATALOGUE, **samples.SAMPLES}.items():
        if entry.by_pip:
            packages.setdefault(entry.package, {}).update(entry.files(name))
    lines = []
    for package, files in sorted(packages.items()):
        lines += [f"# {package} {version(package)}", *(f"{_sha256(path)}  {name}" for name, path in sorted(files.items()))]
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    renew()
