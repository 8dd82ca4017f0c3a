"""Records, byte by byte, in both directions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from polykernel_runner.errors import ProtocolError
from polykernel_runner.protocol import (
    App,
    AppsResult,
    Completeness,
    Completion,
    Finished,
    Hello,
    Html,
    Inspection,
    Log,
    Media,
    ModelServiceResult,
    ModelServiceStatus,
    OtherRecord,
    Output,
    ServiceResult,
    Status,
    WaitingInput,
    decode_record,
    encode_record,
)

if TYPE_CHECKING:
    from polykernel_runner.protocol import Record

REST = b'"wallTime":0.5,"cpuTime":0.25,"maxRss":4096,"dropped":{"stdout":1,"stderr":2}'

SUGGESTED = b'{"suggestions":["print","property"],"start":0,"end":2}'
INCOMPLETE = b'{"status":"incomplete","indent":"    "}'
FAILED = b'{"status":"failed","error":"no such app"}'
WITH_TOKEN = b'{"status":"started","credentials":{"token":"x"}}'
HEALTHY = b'{"model_name":"m","is_healthy":true}'
APPS = b'{"status":"done","data":[{"name":"a"},{"name":"b","url_template":"u"}]}'


def ended(**how: Any) -> Finished:  # noqa: ANN401 - as a Finished takes them
    return Finished(
        **how, wall_time=0.5, cpu_time=0.25, max_rss=4096, dropped_stdout=1, dropped_stderr=2
    )


RECORDS: list[tuple[Record, list[bytes]]] = [
    (Output("stdout", b"\x00\xff\n"), [b"stdout", b"\x00\xff\n"]),
    (Output("stderr", b""), [b"stderr", b""]),
    (
        Media("image/png", "data:image/png;base64,AA=="),
        [b"media", b'{"type":"image/png","data":"data:image/png;base64,AA=="}'],
    ),
    (Media("image/svg+xml", "<ä/>"), [b"media", b'{"type":"image/svg+xml","data":"<\xc3\xa4/>"}']),
    (
        Media("application/vnd.sorna.gitgraph", '[{"oid": "ä"}]'),
        [b"media", b'{"type":"application/vnd.sorna.gitgraph","data":[{"oid":"\xc3\xa4"}]}'],
    ),
    (
        Media("application/vnd.sorna.gitgraph", "no JSON"),
        [b"media", b'{"type":"application/vnd.sorna.gitgraph","data":"no JSON"}'],
    ),
    (Html("<b>\n"), [b"html", b"<b>\n"]),
    (Log("so it is"), [b"log", b"INFO so it is"]),
    (Log("so it is not", "WARNING"), [b"log", b"WARNING so it is not"]),
    (Completion(("print", "property"), 0, 2), [b"completion", SUGGESTED]),
    (Completion(), [b"completion", b'{"suggestions":[]}']),
    (Inspection(found=False), [b"inspection", b'{"found":false,"text":""}']),
    (Completeness("incomplete", "    "), [b"completeness", INCOMPLETE]),
    (ServiceResult("started"), [b"service-result", b'{"status":"started"}']),
    (ServiceResult("failed", "no such app"), [b"service-result", FAILED]),
    (ServiceResult("started", credentials={"token": "x"}), [b"service-result", WITH_TOKEN]),
    (ModelServiceResult("failed", "no such app"), [b"model-service-result", FAILED]),
    (ModelServiceStatus("m", is_healthy=True), [b"model-service-status", HEALTHY]),
    (AppsResult(()), [b"apps-result", b'{"status":"done","data":[]}']),
    (AppsResult((App(name="a"), App(name="b", url_template="u"))), [b"apps-result", APPS]),
    (WaitingInput(), [b"waiting-input", b'{"is_password":false}']),
    (WaitingInput(is_password=True), [b"waiting-input", b'{"is_password":true}']),
    (
        ended(step="exec", exit_code=0, verdict="ok", state="kept"),
        [b"finished", b'{"exitCode":0,"verdict":"ok",' + REST + b',"state":"kept"}'],
    ),
    (
        ended(step="build", exit_code=139, verdict="signal", signal="SIGSEGV"),
        [
            b"build-finished",
            b'{"exitCode":139,"verdict":"signal",' + REST + b',"state":"none","signal":"SIGSEGV"}',
        ],
    ),
    (
        ended(step="clean", exit_code=127, verdict="refused", reason='no "x"'),
        [
            b"clean-finished",
            b'{"exitCode":127,"verdict":"refused",'
            + REST
            + b',"state":"none","reason":"no \\"x\\""}',
        ],
    ),
    (
        Status(started_at=1.5, ready=True, running=False, queued=3),
        [
            b"status",
            (
                b"\x84\xaastarted_at\xcb?\xf8\x00\x00\x00\x00\x00\x00"
                b"\xa5ready\xc3\xa7running\xc2\xa6queued\x03"
            ),
        ],
    ),
    (
        Hello(
            protocol=2,
            runner="1.0",
            language="c",
            language_version=None,
            features=("batch",),
            limits={"memory": 1},
            busy=True,
        ),
        [
            b"hello",
            (
                b'{"protocol":2,"runner":"1.0","language":"c","languageVersion":null,'
                b'"features":["batch"],"limits":{"memory":1},"busy":true}'
            ),
        ],
    ),
    (OtherRecord("weather", b"{}"), [b"weather", b"{}"]),
]


@pytest.mark.parametrize(("record", "frames"), RECORDS, ids=lambda value: str(value)[:40])
def test_records_are_these_bytes(record: Record, frames: list[bytes]) -> None:
    assert encode_record(record) == frames
    assert decode_record(frames) == record
    assert encode_record(record, b"id") == [*frames, b"id"]
    assert decode_record([*frames, b"id"]) == record


def test_an_ending_of_the_original_is_understood() -> None:
    assert decode_record([b"finished", b'{"exitCode": 0}']) == Finished(
        step="exec", exit_code=0, verdict="ok"
    )
    assert decode_record([b"build-finished", b'{"exitCode": 2}']) == Finished(
        step="build", exit_code=2, verdict="error"
    )


def test_a_status_of_the_original_is_understood() -> None:
    status = decode_record([b"status", b"\x81\xaastarted_at\x05"])
    assert status == Status(started_at=5, ready=True, running=False, queued=0)


@pytest.mark.parametrize(
    "record",
    [
        Media("image/svg+xml", "\ud800"),
        Html("\ud800"),
        Log("\udcff"),
        Finished(step="exec", exit_code=1, verdict="internal", reason="\udcff"),
    ],
)
def test_defect_18_everything_but_output_is_valid_utf_8(record: Record) -> None:
    kind, payload = encode_record(record)
    payload.decode("utf-8")
    if kind not in {b"html", b"log"}:
        json.loads(payload)


def test_output_is_not_copied() -> None:
    data = bytes(1000)
    assert encode_record(Output("stdout", data))[1] is data


@pytest.mark.parametrize(
    "frames",
    [
        [],
        [b"stdout"],
        [b"stdout", b"", b""],
        [b"stdout", b"", b"x" * 65],
        [b"stdout", b"", b"id", b""],
        [b"media", b"no json"],
        [b"media", b"{}"],
        [b"media", b"[1, 2]"],
        [b"media", b'{"type": 1, "data": "x"}'],
        [b"html", b"\xff"],
        [b"log", b"\xff"],
        [b"waiting-input", b"1"],
        [b"waiting-input", b"{}"],
        [b"finished", b"{}"],
        [b"finished", b"null"],
        [b"finished", b'{"exitCode": "0"}'],
        [b"finished", b'{"exitCode": null}'],
        [b"finished", b'{"exitCode": 0, "dropped": 1}'],
        [b"finished", b'{"exitCode": 0, "maxRss": "much"}'],
        [b"finished", b"[" * 200_000],
        [b"status", b"{}"],
        [b"status", b"\x80"],
        [b"status", b"\xc1"],
        [b"status", b""],
        [b"hello", b"[]"],
        [b"hello", b'{"protocol": 2}'],
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_record_that_does_not_fit_its_type_is_refused(frames: list[bytes]) -> None:
    with pytest.raises(ProtocolError):
        decode_record(frames)
