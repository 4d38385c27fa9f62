"""The list of links to outside: each once, sorted, and what is wrong with them in one message."""

import json

import pytest

from roadshow.links import told


@pytest.fixture
def listed(tmp_path):
    def write(*links):
        file = tmp_path / "output.json"
        rows = [
            {"filename": "guide/one.md", "lineno": 3, "status": status, "code": 0, "uri": uri, "info": ""} for uri, status in links
        ]
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return told(file)

    return write


def test_each_link_is_a_line_and_inner_links_are_none(listed):
    text, well = listed(
        ("https://b.org", "working"), ("https://a.org", "redirected"), ("https://b.org", "working"), ("#R11", "unchecked")
    )
    assert [line.split() for line in text.splitlines()] == [
        ["redirected", "https://a.org", "(guide/one.md:3)"],
        ["working", "https://b.org", "(guide/one.md:3)"],
    ]
    assert well


def test_one_broken_link_is_no_want_of_a_network(listed):
    text, well = listed(("https://a.org", "working"), ("https://b.org", "broken"))
    assert not well
    assert "is there a network?" not in text


def test_without_a_network_there_is_one_message_and_the_list(listed):
    text, well = listed(("https://a.org", "broken"), ("https://b.org", "timeout"), ("https://c.org", "ignored"))
    assert not well
    assert "is there a network?" in text.splitlines()[-1]
    assert len(text.splitlines()) == 4
