"""Tasks end with their owner."""

from __future__ import annotations

import asyncio

from polykernel_runner.tasks import owned_tasks

PATIENCE = 10


def test_what_is_started_while_the_owner_ends_ends_too() -> None:
    async def main() -> set[asyncio.Task[object]]:
        async with owned_tasks() as tasks:

            async def start_another() -> None:
                try:
                    await asyncio.Event().wait()
                finally:
                    tasks.start(asyncio.Event().wait())

            tasks.start(start_another())
            await asyncio.sleep(0)
        return asyncio.all_tasks()

    async def within_time() -> set[asyncio.Task[object]]:
        return await asyncio.wait_for(main(), PATIENCE)

    assert len(asyncio.run(within_time())) <= 2  # who asks, and who waits for that


def test_what_is_done_already_holds_nobody_up() -> None:
    async def main() -> None:
        done = asyncio.Event()

        async def work() -> None:
            done.set()

        async with owned_tasks() as tasks:
            tasks.start(work())
            await done.wait()

    asyncio.run(asyncio.wait_for(main(), PATIENCE))
