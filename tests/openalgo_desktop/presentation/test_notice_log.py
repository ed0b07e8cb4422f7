"""What was said is kept once per cause."""

from __future__ import annotations

from openalgo_desktop.presentation.notice_log import MOST, NoticeLog


def test_same_cause_counts_up_and_becomes_the_newest() -> None:
    log = NoticeLog()
    log.note("binance is reconnecting: next attempt in 2 s", 1.0, cause="feed binance")
    log.note("TCS removed", 2.0)
    log.note("binance is reconnecting: next attempt in 4 s", 3.0, cause="feed binance")
    newest, other = log
    assert (newest.times, newest.first_ms, newest.last_ms) == (2, 1.0, 3.0)
    assert newest.sentence.endswith("4 s")
    assert (other.sentence, other.times) == ("TCS removed", 1)


def test_oldest_is_forgotten() -> None:
    log = NoticeLog()
    for number in range(MOST + 5):
        log.note(f"{number}", float(number))
    assert len(log) == MOST
    assert next(iter(log)).sentence == str(MOST + 4)
