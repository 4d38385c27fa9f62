"""Who is shown to an institution as one like itself, and in which order."""

from pathlib import Path

import pytest

from roadshow.evidence import Adopter, read_adopters
from roadshow.peers import Peer, nearest

ADOPTERS = Path(__file__).parents[2] / "evidence/adopters.csv"
ROW = dict.fromkeys(Adopter.__dataclass_fields__, "") | {
    "region": "Europe",
    "kind": "weather service",
    "tools": "Xarray; Dask",
    "stage": "operational",
    "year": "2022",
}


def rows(*changes):
    return [
        Adopter(**ROW | {"id": f"A{number:02}", "institution": f"House {number}"} | change) for number, change in enumerate(changes)
    ]


PEER = Peer("weather service", "Europe", ("Our Service", "OS"))


def test_kind_comes_before_region_region_before_stage_and_stage_before_year():
    table = rows(
        {"kind": "company", "region": "Europe", "stage": "operational", "year": "2026"},
        {"kind": "weather service", "region": "Asia", "stage": "operational", "year": "2026"},
        {"kind": "weather service", "region": "Europe", "stage": "prototype", "year": "2026"},
        {"kind": "weather service", "region": "Europe", "stage": "operational", "year": "by 2015"},
        {"kind": "weather service", "region": "Europe", "stage": "operational", "year": "2019-2024"},
        {"kind": "climate or weather centre", "region": "Europe", "stage": "operational", "year": "undated"},
    )
    assert [row.id for row in nearest(table, PEER)] == ["A04", "A03", "A02", "A01", "A05", "A00"]


@pytest.mark.parametrize("name", ["Our Service", "OUR SERVICE (its lab)", "A project of Our  Service", "ÖS and partners"])
def test_nobody_is_a_proof_to_themselves(name):
    assert nearest(rows({"institution": name}), PEER) == []


@pytest.mark.parametrize("name", ["Four Services", "Ourservice", "OSLO Institute"])
def test_a_name_inside_another_word_is_somebody_else(name):
    assert len(nearest(rows({"institution": name}), PEER)) == 1


@pytest.mark.parametrize("stage", ["planned", "development", "ended"])
def test_what_is_not_used_is_no_proof(stage):
    assert nearest(rows({"stage": stage}), PEER) == []


def test_an_institution_stands_there_once_with_its_best_row():
    table = rows({"institution": "A Service", "stage": "research"}, {"institution": "A Service (its lab)", "stage": "operational"})
    assert [row.id for row in nearest(table, PEER)] == ["A01"]


def test_only_rows_with_one_of_the_tools_count_where_tools_are_named():
    table = rows({"tools": "Jupyter"}, {"tools": "Dask (dask-jobqueue, PBS)"}, {"tools": "Satpy (Xarray; Dask)"})
    assert [row.id for row in nearest(table, PEER, ["Dask"])] == ["A01", "A02"]


def test_an_order_is_one_of_the_whole_table_whatever_the_order_of_its_rows():
    table = list(read_adopters(ADOPTERS).values())
    once, turned = nearest(table, PEER), nearest(list(reversed(table)), PEER)
    assert [row.id for row in once] == [row.id for row in turned]
    assert len(once) > 9
    kinds = [row.kind == PEER.kind for row in once]
    assert kinds == sorted(kinds, reverse=True)
