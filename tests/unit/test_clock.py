"""An account's clock: it runs at its rate, moves when told, stands when frozen, and never goes back."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screentest.clock import HIGHEST_RATE, LATEST, LONGEST_ADVANCE, AccountTime, ManualClock
from screentest.errors import ClockError
from screentest.system_clock import SystemClock

NOW = 1_800_000_000.0

seconds = st.floats(0, 1e6)
rates = st.sampled_from([0.0, 0.5, 1.0, 60.0, 1e3]) | st.floats(0, 1e3)


def turn(time: AccountTime, wall: float, change: tuple[str, float]) -> AccountTime:
    """The clock after one wish, `advance` or `rate`, at wall time `wall`."""
    kind, value = change
    return time.advanced(wall, value) if kind == "advance" else time.with_rate(wall, value)


changes = st.tuples(st.just("advance"), seconds) | st.tuples(st.just("rate"), rates)


def test_a_clock_at_rate_one_follows_the_wall() -> None:
    """Ten seconds on the wall are ten seconds of the account."""
    assert AccountTime(NOW, 5_000.0, 1.0).at(NOW + 10) == 5_010.0


def test_a_scaled_clock_runs_faster() -> None:
    """At rate 60 a second on the wall is a minute."""
    assert AccountTime(NOW, 5_000.0, 60.0).at(NOW + 2) == 5_120.0


def test_a_frozen_clock_stands() -> None:
    """At rate 0 nothing on the wall moves the account."""
    assert AccountTime(NOW, 5_000.0, 0.0).at(NOW + 1e6) == 5_000.0


def test_advance_moves_a_frozen_clock() -> None:
    """A frozen clock goes on by exactly what was asked, and stays frozen."""
    moved = AccountTime(NOW, 5_000.0, 0.0).advanced(NOW + 99, 30)
    assert (moved.at(NOW + 99), moved.at(NOW + 1_000)) == (5_030.0, 5_030.0)


def test_advance_keeps_the_rate() -> None:
    """After an advance the clock runs on as before."""
    moved = AccountTime(NOW, 5_000.0, 2.0).advanced(NOW + 10, 100)
    assert moved.at(NOW + 11) == 5_000 + 20 + 100 + 2


def test_a_new_rate_starts_from_here() -> None:
    """A change of rate changes the future, not the present."""
    time = AccountTime(NOW, 5_000.0, 1.0).with_rate(NOW + 10, 60.0)
    assert (time.at(NOW + 10), time.at(NOW + 11)) == (5_010.0, 5_070.0)


def test_a_wall_clock_set_back_stands_still() -> None:
    """When somebody sets the machine's clock back, the account waits until it has caught up."""
    time = AccountTime(NOW, 5_000.0, 1.0)
    assert (time.at(NOW - 3_600), time.at(NOW + 1)) == (5_000.0, 5_001.0)


@pytest.mark.parametrize("wish", [-1.0, -1e-9, LONGEST_ADVANCE + 1, math.inf, -math.inf, math.nan])
def test_an_absurd_advance_is_refused(wish: float) -> None:
    """Time never goes back, and not further than ten years at once."""
    with pytest.raises(ClockError, match="never goes back"):
        AccountTime(NOW, NOW, 1.0).advanced(NOW, wish)


@pytest.mark.parametrize("wish", [-1.0, HIGHEST_RATE * 2, math.inf, math.nan])
def test_an_absurd_rate_is_refused(wish: float) -> None:
    """A rate is 0 to a million."""
    with pytest.raises(ClockError, match="rate is 0"):
        AccountTime(NOW, NOW, 1.0).with_rate(NOW, wish)


def test_time_ends_before_time_stamps_do() -> None:
    """A clock stands still in the year 9000, and no advance passes it: dates and ids hold no later time."""
    almost = AccountTime(NOW, LATEST - 10, HIGHEST_RATE)
    with pytest.raises(ClockError, match="year 9000"):
        almost.advanced(NOW, 11)
    assert almost.at(NOW + 1e9) == LATEST


@pytest.mark.parametrize(
    ("rate", "until", "delay"),
    [
        (1.0, 5_030.0, 30.0),
        (60.0, 5_030.0, 0.5),
        (0.0, 5_030.0, None),
        (0.0, 5_000.0, 0.0),
        (1.0, 4_000.0, 0.0),
    ],
)
def test_real_delay(rate: float, until: float, delay: float | None) -> None:
    """Real seconds until an account time: divided by the rate, none when it is past, None when it never comes."""
    assert AccountTime(NOW, 5_000.0, rate).real_delay(NOW, until) == delay


@given(st.floats(0, 1e10), st.lists(st.tuples(seconds, changes), max_size=12))
def test_time_never_goes_back(start: float, history: list[tuple[float, tuple[str, float]]]) -> None:
    """Whatever is asked of the clock as the wall clock goes on, the account's time never decreases."""
    wall, time, shown = NOW, AccountTime(NOW, start, 1.0), start
    for step, change in history:
        wall += step
        assert time.at(wall) >= shown
        shown = time.at(wall)
        time = turn(time, wall, change)
        assert time.at(wall) >= shown
        shown = time.at(wall)


@given(st.floats(0, 1e10), rates, st.floats(-1e12, 1e12))
def test_time_is_never_before_its_anchor(start: float, rate: float, wall: float) -> None:
    """However far back the wall clock is set, the account does not go back beyond where its clock last changed."""
    assert AccountTime(NOW, start, rate).at(wall) >= start


@given(st.floats(0, 1e10), rates, seconds, seconds)
def test_two_advances_are_one(start: float, rate: float, first: float, second: float) -> None:
    """Advancing in two steps at one instant arrives where one step arrives."""
    time = AccountTime(NOW, start, rate)
    stepwise = time.advanced(NOW, first).advanced(NOW, second).at(NOW)
    assert stepwise == pytest.approx(time.advanced(NOW, first + second).at(NOW), abs=1e-5)


@given(st.floats(1e-3, HIGHEST_RATE), seconds)
def test_the_real_delay_is_when_the_time_comes(rate: float, ahead: float) -> None:
    """After `real_delay` real seconds the account's clock shows the time that was asked about."""
    time = AccountTime(0.0, 0.0, rate)
    delay = time.real_delay(0.0, ahead)
    assert delay is not None
    assert time.at(delay) == pytest.approx(ahead)


def test_a_manual_clock_moves_when_told() -> None:
    """The clock of the tests stands until it is moved."""
    clock = ManualClock(100.0)
    before = clock.now()
    clock.advance(5)
    assert (before, clock.now()) == (100.0, 105.0)


@pytest.mark.parametrize("make", [SystemClock, ManualClock])
def test_wall_clocks_show_unix_seconds(make: Callable[[], SystemClock | ManualClock]) -> None:
    """Both clocks count seconds since 1970, and it is past 2020 in either."""
    assert 1_577_836_800 < make().now() < 4e9
