"""Every link to outside of the pages and the slides is in the list that `make linkcheck` tries."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]


def test_the_list_has_every_link_to_outside(built, tmp_path):
    shutil.copytree(ROOT / "_build/.jupyter_cache", tmp_path / ".jupyter_cache")
    command = [sys.executable, "-m", "sphinx", "-q", "-N", "-b", "linkcheck", "-D", "linkcheck_ignore=.*"]
    subprocess.run([*command, str(ROOT), str(tmp_path / "links")], cwd=ROOT, check=True, capture_output=True)
    rows = (tmp_path / "links/output.json").read_text(encoding="utf-8").splitlines()
    listed = {json.loads(row)["uri"].split("#")[0] for row in rows}
    shown = set()
    for path in [*built.rglob("*.html")]:
        if "_static" in path.parts or path.stem in {"search", "404"}:
            continue
        html = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        shown |= {link["href"].split("#")[0] for link in html.select("article a[href^=http], .slides a[href^=http]")}
    assert len(shown) > 200
    assert sorted(shown - listed) == []
