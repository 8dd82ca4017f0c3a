from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

import pytest

from polykernel import Dropped, Html, Kernel, Limits, Media, Output, Result, WaitingInput
from polykernel_runner.protocol import (
    Cancel,
    Finished,
    Input,
    InputEof,
    Job,
    Reset,
    RunJob,
    RunStep,
)
from support.peer import DONE

if TYPE_CHECKING:
    from polykernel import Run
    from polykernel_runner.protocol import Step
    from support.peer import Peer


async def test_a_run_is_sent_as_one_job_with_an_id_of_its_own(kernel: Kernel, peer: Peer) -> None:
    limits = Limits(wall_time=2, output=100, output_action="kill")

    first = kernel.run(
        {"main.c": "int main;", "data": b"\xff"},
        args=["1", "ü"],
        stdin="in",
        env={"A": "b"},
        limits=limits,
        build=False,
        exec="./x",
    )
    second = kernel.run()

    assert await peer.request() == (
        RunJob(
            Job(
                files={"main.c": b"int main;", "data": b"\xff"},
                args=("1", "ü"),
                stdin=b"in",
                env={"A": "b"},
                limits=limits,
                build=False,
                exec="./x",
            )
        ),
        first.id,
    )
    assert await peer.request() == (RunJob(Job()), second.id)
    assert first.id != second.id


async def test_the_request_is_sent_before_anything_is_awaited(kernel: Kernel, peer: Peer) -> None:
    run = kernel.run()

    assert (await peer.request())[1] == run.id


async def test_a_result_holds_all_that_came(kernel: Kernel, peer: Peer) -> None:
    run = kernel.query("1 + 1")
    build = Finished(step="build", exit_code=0, verdict="ok", wall_time=2.0)
    for record in (
        Output("stderr", b"warning\n"),
        build,
        Output("stdout", b"a\xff"),
        Output("stdout", b"b"),
        Media("image/png", "data:image/png;base64,AA=="),
        Html("<b>"),
        Finished(
            step="exec",
            exit_code=137,
            verdict="memory-limit",
            signal="SIGKILL",
            wall_time=1.5,
            cpu_time=0.5,
            max_rss=4096,
            dropped_stdout=7,
            state="lost",
            reason="too big",
        ),
    ):
        await peer.send(record, run.id)

    result = await run

    assert result == Result(
        exit_code=137,
        verdict="memory-limit",
        signal="SIGKILL",
        stdout=b"a\xffb",
        stderr=b"warning\n",
        media=(Media("image/png", "data:image/png;base64,AA=="),),
        html=("<b>",),
        wall_time=1.5,
        cpu_time=0.5,
        max_rss=4096,
        dropped=Dropped(7, 0),
        state="lost",
        reason="too big",
        build=build,
    )
    assert not result.ok
    assert result.text == "a�b"
    assert await run is result


async def test_records_are_iterated_over_as_they_come(kernel: Kernel, peer: Peer) -> None:
    run = kernel.run()
    await peer.print(run.id, b"first", end=False)

    assert await run.__anext__() == Output("stdout", b"first")

    await peer.print(run.id, b"second")
    assert [record async for record in run] == [Output("stdout", b"second"), DONE]
    assert [record async for record in run] == []
    assert (await run).stdout == b""


async def test_awaiting_gives_what_was_not_iterated_over(kernel: Kernel, peer: Peer) -> None:
    run = kernel.run()
    await peer.print(run.id, b"first", end=False)
    await peer.print(run.id, b"second")

    async for _ in run:
        break

    assert (await run).stdout == b"second"


async def test_runs_are_told_apart_whatever_the_order(kernel: Kernel, peer: Peer) -> None:
    runs = [kernel.run(), kernel.run(), kernel.execute("exec", "ls")]
    for run in reversed(runs):
        await peer.print(run.id, run.id)

    results = await asyncio.gather(*runs)

    assert [result.stdout for result in results] == [run.id for run in runs]


@pytest.mark.parametrize("step", ["clean", "build", "exec"])
async def test_a_step_ends_with_its_own_record(kernel: Kernel, peer: Peer, step: Step) -> None:
    run = kernel.execute(step)
    assert await peer.request() == (RunStep(step, "*"), run.id)
    await peer.send(Finished(step=step, exit_code=3, verdict="error"), run.id)

    assert (await run).exit_code == 3


async def test_answers_are_typed_when_asked_for_and_then_comes_the_end(
    kernel: Kernel, peer: Peer
) -> None:
    run = kernel.run(answers=["Ada", "36"])
    task = asyncio.ensure_future(_result(run))
    await peer.request()

    for expected in (Input("Ada"), Input("36"), InputEof()):
        await peer.send(WaitingInput(), run.id)
        assert (await peer.request())[0] == expected

    await peer.send(DONE, run.id)
    assert (await task).ok


async def test_a_forgotten_run_is_cancelled_and_its_output_let_go(
    kernel: Kernel, peer: Peer
) -> None:
    run = kernel.run()
    _, run_id = await peer.request()
    await peer.print(run_id, b"x", end=False)
    async for _ in run:
        break
    del run
    gc.collect()

    assert await peer.request() == (Cancel(run_id or b""), None)
    await peer.print(run_id, b"x" * 5_000_000)
    after = kernel.run()
    await peer.print(after.id, b"next")
    assert (await after).stdout == b"next"


async def test_a_run_that_ended_is_not_cancelled_when_it_is_forgotten(
    kernel: Kernel, peer: Peer
) -> None:
    run = kernel.run()
    _, run_id = await peer.request()
    await peer.print(run_id, b"x")
    await run
    del run
    gc.collect()

    await kernel.interrupt()
    assert type((await peer.request())[0]).__name__ == "Interrupt"


async def test_leaving_a_run_as_a_context_cancels_it(kernel: Kernel, peer: Peer) -> None:
    async with kernel.run() as run:
        await peer.request()

    assert await peer.request() == (Cancel(run.id), None)


async def test_an_awaiting_that_is_cancelled_loses_nothing(kernel: Kernel, peer: Peer) -> None:
    run = kernel.run()
    await peer.print(run.id, b"before ", end=False)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(_result(run), 0.1)
    await peer.print(run.id, b"after")

    assert (await run).stdout == b"before after"


async def test_two_may_await_one_run(kernel: Kernel, peer: Peer) -> None:
    run = kernel.run()
    both = asyncio.gather(_result(run), _result(run))
    await peer.print(run.id, b"x")

    first, second = await both
    assert first is second


async def test_reset_is_awaited_like_a_run(kernel: Kernel, peer: Peer) -> None:
    task = asyncio.ensure_future(kernel.reset())
    request, run_id = await peer.request()
    assert request == Reset()
    await peer.send(DONE, run_id)

    assert (await task).ok


async def _result(run: Run) -> Result:
    return await run
