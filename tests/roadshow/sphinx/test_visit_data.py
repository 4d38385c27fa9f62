"""The cells know the visit's data and cluster, and run again when what they read of it changed: they and no others."""

import pytest

CELL = """
```{{code-cell}} python
import json, os, sys
sys.audit("visit.read", "{table}")
print(json.loads(os.environ["{variable}"]){key})
with open(os.environ["RUNS"], "a") as file:
    file.write("{name} ")
```
"""


def page(name, table, variable, key):
    head = "---\nfile_format: mystnb\nkernelspec: {name: python3, display_name: Python 3}\nminutes: 1\n---\n"
    return f"{head}# {name}\n\n## A slide\n{CELL.format(name=name, table=table, variable=variable, key=key)}"


@pytest.fixture
def cells(project):
    """Four pages with cells: one reads the data `sst`, one the data `ice`, one the cluster, and alpha nothing of the visit."""
    project.write("talks/segments/sst.md", page("sst", "data.sst", "CATALOGUE_OVERLAY", '.get("sst", {}).get("path")'))
    project.write("talks/segments/ice.md", page("ice", "data.ice", "CATALOGUE_OVERLAY", '.get("ice", {}).get("path")'))
    project.write("talks/segments/cluster.md", page("cluster", "cluster", "TALK_CLUSTER", '["kind"]'))
    visit = (project.root / "visits/neutral.toml").read_text(encoding="utf-8")

    def build(more=""):
        project.runs_file.unlink(missing_ok=True)
        (project.root / "visits/next.toml").write_text(visit + more, encoding="utf-8")
        result = project.build("-D", "roadshow_visit=visits/next.toml", "-D", "roadshow_trusted=1")
        assert result.status == 0, result.err
        return sorted(project.runs())

    assert build() == ["alpha", "cluster", "ice", "sst"]
    return build


SST = '[data.sst]\npath = "a.nc"\nsource = "theirs"\n'


def test_a_visit_that_changes_nothing_runs_no_cell(cells, project):
    assert cells() == []
    assert cells("# a comment\n") == []
    project.runs_file.unlink(missing_ok=True)
    assert project.build().status == 0
    assert project.runs() == []


def test_other_data_run_the_cells_that_read_them(cells, project):
    assert cells(SST) == ["sst"]
    assert project.html("talks/segments/sst").select_one(".cell_output").text.strip() == "a.nc"
    assert cells(SST.replace("a.nc", "b.nc")) == ["sst"]
    assert cells(SST.replace("a.nc", "b.nc").replace("theirs", "ours")) == ["sst"]
    assert cells() == ["sst"]
    assert project.html("talks/segments/sst").select_one(".cell_output").text.strip() == "None"


def test_another_cluster_runs_the_cells_that_reach_it(cells, project):
    assert cells('[cluster]\nkind = "slurm"\n') == ["cluster"]
    assert project.html("talks/segments/cluster").select_one(".cell_output").text.strip() == "slurm"
    assert cells('[cluster]\nkind = "slurm"\nworkers = 8\n') == ["cluster"]
    assert cells('[cluster]\nkind = "slurm"\nworkers = 8\n[cluster.options]\nqueue = "long"\n') == ["cluster"]


def test_everything_else_in_a_visit_runs_none(cells):
    room = '[meetings.x]\nstep = 1\ngroup = "y"\naudience = "it"\nstart = 2027-05-11T09:00:00\nminutes = 30\nroom = "here"\n'
    assert cells(room) == []
    assert cells(SST + room) == ["sst"]
    assert cells(SST + room.replace("here", "there")) == []
