"""What Sphinx's linkcheck found of the links to outside, in one list: ``python -m roadshow.links _build/linkcheck/output.json``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

MEND = "No link could be reached: is there a network? The list of the links is in"


def told(file: Path) -> tuple[str, bool]:
    """A line a link, sorted, and whether all of them are well."""
    found = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    links = sorted({(each["uri"], each["status"], each["filename"], each["lineno"]) for each in found if "://" in each["uri"]})
    lines = [f"{status:10} {uri}  ({name}:{line})" for uri, status, name, line in links]
    broken = [link for link in links if link[1] in {"broken", "timeout"}]
    if links and len(broken) == len([link for link in links if link[1] not in {"ignored", "unchecked"}]):
        lines.append(f"{MEND} {file}")
    return "\n".join(lines), not broken


if __name__ == "__main__":
    text, well = told(Path(sys.argv[1]))
    print(text)
    sys.exit(0 if well else 1)
