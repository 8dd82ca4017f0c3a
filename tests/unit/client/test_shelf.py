from __future__ import annotations

import asyncio

import pytest

from polykernel.shelf import Shelf


async def turn() -> None:
    """Let every task that can go on do so."""
    for _ in range(5):
        await asyncio.sleep(0)


def takers(shelf: Shelf[str], count: int) -> list[asyncio.Task[str]]:
    return [asyncio.create_task(shelf.take(None)) for _ in range(count)]


async def test_what_is_ready_longest_is_taken_first() -> None:
    shelf = Shelf[str]()
    for item in ("second", "third"):
        shelf.put(item)
    shelf.put("first", first=True)

    assert [await shelf.take(0) for _ in range(3)] == ["first", "second", "third"]


async def test_who_comes_first_is_served_first() -> None:
    shelf = Shelf[str]()
    waiting = takers(shelf, 2)
    await turn()
    waiting.insert(0, asyncio.create_task(shelf.take(None, first=True)))
    await turn()
    assert shelf.waiting == 3

    for item in ("a", "b", "c"):
        shelf.put(item)

    assert await asyncio.gather(*waiting) == ["a", "b", "c"]
    assert (shelf.ready, shelf.waiting) == (0, 0)


async def test_who_waits_too_long_leaves_the_queue() -> None:
    shelf = Shelf[str]()
    with pytest.raises(asyncio.TimeoutError):
        await shelf.take(0.01)

    shelf.put("a")
    assert (shelf.ready, shelf.waiting) == (1, 0)


async def test_what_a_cancelled_taker_was_given_goes_to_the_next() -> None:
    shelf = Shelf[str]()
    first, second = takers(shelf, 2)
    await turn()

    shelf.put("a")
    first.cancel()

    assert await second == "a"
    assert first.cancelled()


async def test_a_taker_cancelled_before_gets_nothing() -> None:
    shelf = Shelf[str]()
    first, second = takers(shelf, 2)
    await turn()

    first.cancel()
    await turn()
    shelf.put("a")

    assert await second == "a"
    assert shelf.ready == 0


async def test_an_error_is_for_who_waits_longest_only() -> None:
    shelf = Shelf[str]()
    first, second = takers(shelf, 2)
    await turn()

    assert shelf.fail(ZeroDivisionError())
    shelf.put("a")

    with pytest.raises(ZeroDivisionError):
        await first
    assert await second == "a"
    assert not shelf.fail(ZeroDivisionError())


async def test_an_error_for_a_taker_that_is_cancelled_is_nobodys() -> None:
    shelf = Shelf[str]()
    (taker,) = takers(shelf, 1)
    await turn()

    shelf.fail(ZeroDivisionError())
    taker.cancel()

    with pytest.raises(asyncio.CancelledError):
        await taker
    assert (shelf.ready, shelf.waiting) == (0, 0)


async def test_the_latest_are_taken_away_when_there_are_too_many() -> None:
    shelf = Shelf[str]()
    for item in ("a", "b", "c"):
        shelf.put(item)

    assert shelf.shrink(3) == []
    assert shelf.shrink(1) == ["c", "b"]
    assert not shelf.remove("b")
    assert shelf.remove("a")
    assert shelf.ready == 0
