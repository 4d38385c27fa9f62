"""A deck for other minutes: in the stated order, never with a term before its introduction, never without what must stay."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadshow.deck import Choice, Deck, Segment, minutes_of, parse_choices, read_decks, read_segments, terms_too_late, total_minutes
from roadshow.fitting import CannotFit, fit, order_of_cuts

ROOT = Path(__file__).parents[2]


def segment(full, brief=None, introduces=(), needs=(), full_only=()):
    minutes = {"full": full} | ({"brief": brief} if brief else {})
    return Segment(
        "",
        minutes,
        {"full": frozenset({*introduces, *full_only}), "brief": frozenset(introduces)},
        dict.fromkeys(("full", "brief"), frozenset(needs)),
    )


SEGMENTS = {"a": segment(5, 2), "b": segment(4, 1), "c": segment(6, 3), "d": segment(3)}


def deck(*names, slot=20, cut=(), keep=(), depth="full"):
    choices, _ = parse_choices([f"{name} {depth} maintainer" for name in names], 1)
    return Deck(slot, choices, 1, tuple(cut), tuple(keep))


def depths(fitted):
    return {choice.segment: choice.depth for choice in fitted.deck.choices}


def test_a_deck_that_fits_stays_as_it_is():
    fitted = fit(deck("a", "b", "c"), SEGMENTS, 15)
    assert (fitted.minutes, fitted.changed) == (15, False)


def test_depth_falls_in_the_order_that_the_deck_states_until_it_fits():
    whole = deck("a", "b", "c", "d", cut=["b", "a"])
    assert fit(whole, SEGMENTS, 15).to_brief == ("b",)
    assert fit(whole, SEGMENTS, 13).to_brief == ("b", "a")
    assert fit(whole, SEGMENTS, 10).to_brief == ("b", "a", "c")
    assert str(fit(whole, SEGMENTS, 13)) == "12 of 13 minutes; in brief: b, a"


def test_what_is_not_stated_falls_from_the_end_and_what_must_stay_falls_last():
    assert order_of_cuts(deck("a", "b", "c", "d", cut=["c"], keep=["d"])) == ["c", "b", "a", "d"]


def test_a_talk_that_cannot_fit_says_what_to_drop():
    with pytest.raises(CannotFit, match=r'still takes 9 of 6 minutes; leave out: drop = \["b", "a"\]'):
        fit(deck("a", "b", "c", "d", cut=["b", "a"], keep=["c", "d"]), SEGMENTS, 6)
    assert fit(deck("a", "b", "c", "d", cut=["b", "a"]), SEGMENTS, 6, ["b", "a"]).minutes == 6


def test_an_impossible_wish_names_what_must_stay_with_its_minutes():
    with pytest.raises(CannotFit, match=r"5 minutes are too few: what must not be cut takes 6: c \(3\), d \(3\)"):
        fit(deck("a", "b", "c", "d", keep=["c", "d"]), SEGMENTS, 5, may_drop=True)


def test_with_more_time_it_grows_and_leaves_the_same_share_free():
    short = deck("a", "b", "c", slot=8, depth="brief", cut=["a"])
    assert total_minutes(short, SEGMENTS) == 6
    grown = fit(short, SEGMENTS, 16)
    assert (grown.to_full, grown.minutes) == (("b", "c"), 12)


def test_minutes_of_a_line_are_those_of_the_segment_once_its_depth_changed():
    choices, _ = parse_choices(["a full maintainer 9", "b full maintainer"], 1)
    fitted = fit(Deck(20, choices, 1), SEGMENTS, 11)
    assert depths(fitted) == {"a": "full", "b": "brief"}
    assert fit(Deck(20, choices, 1), SEGMENTS, 4).minutes == 3


def test_no_segment_goes_that_another_one_builds_on():
    segments = {"a": segment(5, 2, introduces=["chunk"]), "b": segment(5, 2, needs=["chunk"]), "c": segment(5, 2)}
    fitted = fit(deck("a", "b", "c", cut=["a", "c", "b"]), segments, 4, may_drop=True)
    assert fitted.dropped == ("c",)
    assert fit(deck("a", "b", "c", cut=["a", "c", "b"]), segments, 2, may_drop=True).dropped == ("c", "b")


def test_no_depth_falls_that_introduces_a_term_in_full_only():
    segments = {"a": segment(5, 2, full_only=["TLS"]), "b": segment(5, 2, needs=["TLS"])}
    assert fit(deck("a", "b", cut=["a", "b"]), segments, 7).to_brief == ("b",)


TERMS = ["chunk", "worker", "scheduler"]


@st.composite
def decks(draw):
    names = draw(st.lists(st.sampled_from("abcdefgh"), min_size=1, unique=True))
    terms = st.lists(st.sampled_from(TERMS), unique=True, max_size=2)
    segments = {}
    for name in names:
        full = draw(st.integers(1, 9))
        brief = draw(st.none() | st.integers(1, full))
        segments[name] = segment(full, brief, draw(terms), draw(terms), draw(terms))
    choices = tuple(
        Choice(
            name,
            draw(st.sampled_from([depth for depth in ("full", "brief") if depth in segments[name].minutes])),
            "maintainer",
            None,
            line,
        )
        for line, name in enumerate(draw(st.permutations(names)), 1)
    )
    cut = tuple(draw(st.lists(st.sampled_from(names), unique=True)))
    keep = tuple(name for name in draw(st.lists(st.sampled_from(names), unique=True)) if name not in cut)
    return Deck(draw(st.integers(1, 60)), choices, 1, cut, keep), segments


def late(choices, segments):
    """The terms that come too late, found the slow way: for each line, all that stands up to it."""
    return {
        (choice.segment, term)
        for place, choice in enumerate(choices)
        for term in segments[choice.segment].needs[choice.depth]
        if not any(term in segments[other.segment].introduces[other.depth] for other in choices[: place + 1])
    }


@settings(max_examples=400, deadline=None, derandomize=True)
@given(decks(), st.integers(1, 60), st.booleans())
def test_whatever_the_order_and_the_minutes(made, minutes, may_drop):
    whole, segments = made
    assert {(choice.segment, term) for choice, term in terms_too_late(whole.choices, segments)} == late(whole.choices, segments)
    try:
        fitted = fit(whole, segments, minutes, may_drop=may_drop)
    except CannotFit:
        shortest = sum(min(segments[choice.segment].minutes.values()) for choice in whole.choices)
        assert shortest > minutes or late([replace(choice, depth="brief") for choice in whole.choices], segments)
        return
    told = [choice.segment for choice in fitted.deck.choices]
    assert fitted.minutes == sum(minutes_of(choice, segments) for choice in fitted.deck.choices) <= minutes
    assert late(fitted.deck.choices, segments) <= late(whole.choices, segments)
    assert told == [choice.segment for choice in whole.choices if choice.segment not in fitted.dropped]
    assert not set(fitted.dropped) & set(whole.never_cut)
    assert bool(fitted.dropped) <= may_drop
    if minutes >= total_minutes(whole, segments) and minutes <= whole.slot:
        assert not fitted.changed


@pytest.mark.parametrize("name", sorted(read_decks(ROOT / "talks")))
def test_every_deck_of_the_project_fits_from_five_minutes_to_ninety_with_its_terms_in_order(name):
    whole, segments = read_decks(ROOT / "talks")[name], read_segments(ROOT / "talks" / "segments")
    assert late(whole.choices, segments) == set()
    for minutes in range(5, 91):
        fitted = fit(whole, segments, minutes, may_drop=True)
        assert fitted.minutes <= minutes
        assert late(fitted.deck.choices, segments) == set()
        assert set(whole.never_cut) <= {choice.segment for choice in fitted.deck.choices}
    with pytest.raises(CannotFit, match="must not be cut"):
        fit(whole, segments, 3, may_drop=True)
