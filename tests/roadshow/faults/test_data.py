"""A data file with a flipped bit, and one cut short: one message names the file and the mend, however many pages read it."""

import os
import shutil
from pathlib import Path

import iris_sample_data
import pytest

TREE = Path(__file__).parents[3]
SAMPLE = "sample_data/SOI_Darwin.nc"


def flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 4]) + content[middle + 1 :]


@pytest.mark.parametrize("damage", [flipped, lambda content: content[:-100]], ids=["flipped", "cut short"])
def test_a_damaged_sample_is_told_once_with_its_mend(project, build, damage):
    shutil.copytree(TREE / "examples", project.root / "examples", dirs_exist_ok=True)
    content = Path(iris_sample_data.__file__).with_name("sample_data").joinpath("SOI_Darwin.nc").read_bytes()
    sample = project.root / "data/iris_sample_data" / SAMPLE
    sample.parent.mkdir(parents=True)
    sample.parents[1].joinpath("__init__.py").touch()
    sample.write_bytes(content)
    for name in ("alpha", "gamma"):
        project.change(f"talks/segments/{name}.md", "import os\n", "from examples import catalogue\nimport os\n")
        project.change(f"talks/segments/{name}.md", 'print("<b>', 'print(float(catalogue.open("soi-darwin").max()))\nprint("<b>')
    path = f"{sample.parents[2]}{os.pathsep}{os.environ['PYTHONPATH']}"
    assert build(PYTHONPATH=path).returncode == 0
    project.runs_file.unlink()
    sample.write_bytes(damage(content))
    done = build(PYTHONPATH=path)
    assert done.returncode == 1
    assert f"{sample}: the file is damaged or missing; run: pip install --force-reinstall iris-sample-data==" in done.stderr
    first, *_, last = done.stderr.strip().splitlines()
    assert "cell 2 of" in first
    assert last.endswith(f"failed as did {first.partition(' raised ')[0]}")
    sample.write_bytes(content)
    assert build(PYTHONPATH=path).returncode == 0
    assert set(project.runs()) == {"alpha", "gamma"}
