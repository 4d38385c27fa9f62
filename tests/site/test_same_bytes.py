"""The site, built again from nothing in another folder and without a network, is the same but for what its cells measure."""

import os
import shutil
import subprocess
import sys

from tests.no_network import without_network
from tests.same_bytes import differences
from tests.site.conftest import ROOT


def test_a_second_cold_build_without_a_network_differs_only_in_what_is_measured(built, tmp_path):
    aside = shutil.ignore_patterns("_build", ".*", "__pycache__")
    copy = shutil.copytree(ROOT, tmp_path / "another/folder/of the project", ignore=aside)
    # The copy is of the same history: the pages say when they were last changed.
    history = subprocess.run(
        ["git", "rev-parse", "--absolute-git-dir"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    environment = {**os.environ, "PYTHONPATH": str(copy / "src"), **({"GIT_DIR": history} if history else {})}
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-j", "auto", str(copy), str(copy / "_build/html")]
    subprocess.run(without_network(command), cwd=copy, env=environment, check=True)
    assert differences(built, copy / "_build/html") == []
