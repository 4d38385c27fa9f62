"""The model of a deck: how its lines are read, what it adds up to, and what is found wrong with it."""

import pytest

from roadshow.deck import (
    Choice,
    Deck,
    Segment,
    check,
    minutes_of,
    parse_choices,
    read_segment,
    segments_named_in,
    total_minutes,
    work_minutes,
)

SEGMENTS = {"alpha": Segment("Alpha", {"full": 5, "brief": 2}), "beta": Segment("Beta", {"full": 4})}
SPEAKERS = ["maintainer", "scientist"]


def deck(*lines: str, slot: float = 10) -> Deck:
    choices, faults = parse_choices(lines, 11)
    assert not faults
    return Deck(slot, choices, 9)


def test_lines_are_read_with_their_numbers():
    choices, faults = parse_choices(["# a comment", "", "alpha full maintainer", "beta  brief scientist 2.5  # why"], 20)
    assert faults == []
    assert choices == (Choice("alpha", "full", "maintainer", None, 22), Choice("beta", "brief", "scientist", 2.5, 23))


@pytest.mark.parametrize(
    "line", ["alpha full", "alpha full maintainer soon", "alpha full maintainer 3 4", "a full b -1", "a full b nan"]
)
def test_a_line_that_cannot_be_read_is_a_fault_with_its_number(line):
    choices, [fault] = parse_choices([line], 7)
    assert choices == ()
    assert fault.line == 7
    assert "write: segment depth speaker [minutes]" in fault.message


def test_minutes_are_the_lines_own_else_the_segments():
    told = deck("alpha brief maintainer", "beta full scientist 6")
    assert [minutes_of(choice, SEGMENTS) for choice in told.choices] == [2, 6]
    assert total_minutes(told, SEGMENTS) == 8


def test_a_good_deck_has_no_fault():
    assert check(deck("alpha full maintainer", "beta full scientist"), SEGMENTS, SPEAKERS) == []


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        (["alpah full maintainer"], 11, "no segment 'alpah'; did you mean 'alpha'?"),
        (["alpha full maintainer", "alpha brief scientist"], 12, "stands on line 11 already"),
        (["alpha deep maintainer"], 11, "unknown depth 'deep'; a segment is told full or brief"),
        (["alpha full maintaner"], 11, "unknown speaker 'maintaner'; did you mean 'maintainer'?"),
        (["beta brief scientist"], 11, "states no minutes for its brief depth; add `brief: 3`"),
        (["alpha full maintainer 7", "beta full scientist"], 9, "takes 11 minutes and its slot is 10"),
        ([], 9, "has no segments"),
    ],
)
def test_each_fault_names_its_line_and_the_mend(lines, line, words):
    [fault] = check(deck(*lines), SEGMENTS, SPEAKERS)
    assert fault.line == line
    assert words in fault.message


def test_the_time_at_work_counts_where_an_exercise_is_told_in_full():
    text = "---\nminutes: 9\nbrief: 2\n---\n# E\n\n## Turn\n\n:::{slide}\n:work: 7\n:::\n"
    known = {"exercise": read_segment(text), **SEGMENTS}
    assert known["exercise"].work == 7
    told = deck("alpha brief maintainer", "exercise full scientist", slot=11)
    assert (total_minutes(told, known), work_minutes(told, known)) == (11, 7)
    assert work_minutes(deck("exercise brief scientist"), known) == 0
    assert check(told, known, SPEAKERS) == []
    [fault] = check(deck("exercise full scientist 7"), known, SPEAKERS)
    assert fault.message == "at 'exercise' the listeners work for all of its 7 minutes; leave some to speak"


def test_segments_are_found_in_a_page_that_is_not_built():
    page = "# T\n\n```{deck}\n:slot: 9\n# c\nalpha full maintainer\n```\n\n:::{deck}\nbeta brief scientist\n:::\n"
    assert {"alpha", "beta"} <= segments_named_in(page)
    assert segments_named_in("no deck here: alpha full maintainer") == set()
