from __future__ import annotations

from typing import Any

import pytest

from polykernel_builder.build_log import LAST_LINES, follow
from polykernel_builder.errors import BuildFailedError


def test_steps_are_told_unless_cached_and_the_image_is_found() -> None:
    steps: list[str] = []
    lines: list[str] = []
    messages: list[dict[str, Any]] = [
        {"stream": "Step 1/4 : FROM debian\n"},
        {"stream": " ---> 40273db259ab\n"},
        {"stream": "Step 2/4 : RUN cached\n"},
        {"stream": " ---> Using cache\n"},
        {"stream": " ---> 1273db259ab4\n"},
        {"stream": "Step 3/4 : RUN make\n"},
        {"stream": " ---> Running in 0123\n"},
        {"stream": "\x1b[91mmak"},
        {"stream": "ing\n\x1b[0m\n"},
        {"stream": "Removing intermediate container 0123\n"},
        {"stream": " ---> 273db259ab40\n"},
        {"stream": "Step 4/4 : COPY a b\n"},
        {"stream": " ---> 73db259ab402\n"},
        {"aux": {"ID": "sha256:1234"}},
        {"stream": "Successfully built 1234\n"},
    ]
    made: list[str] = []
    found = follow("polykernel/x", messages, steps.append, lines.append, made.append)
    assert found == "sha256:1234"
    assert steps == ["3/4 RUN make", "4/4 COPY a b"]
    assert lines == ["making"]
    # The base is nobody's to throw away.
    assert made == ["1273db259ab4", "273db259ab40", "73db259ab402"]


def test_a_failure_shows_its_step_and_the_last_lines() -> None:
    output = [{"stream": f"line {number}\n"} for number in range(100)]
    messages: list[dict[str, Any]] = [
        {"stream": "Step 1/3 : FROM debian\n"},
        {"stream": "before\n"},
        {"stream": "Step 2/3 : RUN make\n"},
        *output,
        {"error": "The command '/bin/sh -c make' returned a non-zero code: 2\n"},
    ]
    with pytest.raises(BuildFailedError) as caught:
        follow("polykernel/x", messages, lambda _: None)
    lines = str(caught.value).splitlines()
    assert lines[0] == "polykernel/x could not be built; it failed at step 2 of 3: RUN make"
    assert lines[1:-1] == [f"  | line {number}" for number in range(100 - LAST_LINES, 100)]
    assert lines[-1] == "The command '/bin/sh -c make' returned a non-zero code: 2"


def test_a_log_that_just_ends_is_a_failure() -> None:
    with pytest.raises(BuildFailedError, match="without an image"):
        follow("polykernel/x", [{"stream": "Step 1/1 : FROM debian\n"}], lambda _: None)
