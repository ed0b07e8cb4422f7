from __future__ import annotations

from proxy.complaints import Complaints, cause_of


def test_the_same_is_said_once_a_minute_with_how_often_it_happened() -> None:
    complaints = Complaints(interval_s=60.0)
    assert [complaints.count("a", float(second)) for second in (0, 1, 30, 59.9)] == [1, 0, 0, 0]
    assert complaints.count("b", 2.0) == 1, "another cause is another complaint"
    assert complaints.count("a", 60.0) == 4
    assert complaints.count("a", 61.0) == 0
    assert complaints.count("a", 200.0) == 2


def test_what_is_told_apart_is_bounded() -> None:
    complaints = Complaints()
    for number in range(1_000):
        assert complaints.count(f"cause {number}", 0.0) == 1
    assert len(complaints._said_s) == 100
    assert complaints.count("cause 999", 1.0) == 0


def _raised(text: str) -> Exception:
    try:
        raise ValueError(text)
    except ValueError as error:
        return error


def test_a_cause_is_a_kind_and_a_place_not_a_text() -> None:
    assert cause_of(_raised("one")) == cause_of(_raised("two"))
    assert cause_of(_raised("one")) != cause_of(ValueError("one"))
    assert "one" not in cause_of(_raised("one"))
