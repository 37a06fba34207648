"""Workers pass the turn to compute around; it never holds anybody up for good."""

from __future__ import annotations

import threading

from smoke.engine.turn import Turn


def _in_thread(work: object) -> threading.Thread:
    thread = threading.Thread(target=work)  # type: ignore[arg-type]  # a function without arguments
    thread.start()
    return thread


def test_it_is_given_away_while_its_holder_waits() -> None:
    turn = Turn()
    order: list[str] = []
    holds, waits, done = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with turn:
            holds.set()
            with turn.waiting():
                waits.set()
                done.wait(10)
            order.append("first goes on")

    def second() -> None:
        waits.wait(10)
        with turn:
            order.append("second computes")
        done.set()

    threads = [_in_thread(first), _in_thread(second)]
    for thread in threads:
        thread.join(10)
    assert order == ["second computes", "first goes on"]


def test_who_does_not_get_it_goes_on_without() -> None:
    turn = Turn()
    passed = threading.Event()

    def other() -> None:
        with turn, turn.waiting():
            passed.set()

    with turn:
        _in_thread(other).join(10)
        assert passed.is_set()
        with turn.waiting(), turn.waiting():
            pass
    # it is free again: a thread that never entered it does not need it either
    with turn.waiting():
        _in_thread(other).join(10)


def test_a_wait_within_a_wait_leaves_it_free_at_the_end() -> None:
    turn = Turn()
    with turn, turn.waiting(), turn.waiting():
        pass
    held = threading.Event()

    def other() -> None:
        with turn:
            # only a holder gives it away: a third thread sees whether this one holds it
            held.set()

    _in_thread(other).join(10)
    assert held.is_set()
    assert not turn._free.locked()
