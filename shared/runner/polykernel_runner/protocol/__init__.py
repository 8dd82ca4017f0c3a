"""The wire protocol without any I/O: request and record types, and their frames.

A message is two frames, `[type, payload]`, or three, `[type, payload, run id]`. Requests go to the
kernel, records come back. The client uses this package too, so it imports nothing of the runner
but `errors`. Times are in seconds, sizes in bytes. What a client may rely on is told in
docs/PROTOCOL.md.
"""

from polykernel_runner.protocol.frames import MAX_RUN_ID, PROTOCOL_VERSION, Step, run_id_of
from polykernel_runner.protocol.jobs import Job
from polykernel_runner.protocol.limits import Limits, OutputAction
from polykernel_runner.protocol.record_codec import decode_record, encode_record
from polykernel_runner.protocol.records import (
    Finished,
    Hello,
    Html,
    Log,
    Media,
    OtherRecord,
    Output,
    Record,
    State,
    Status,
    StreamName,
    Verdict,
    WaitingInput,
)
from polykernel_runner.protocol.requests import (
    Cancel,
    GetStatus,
    Input,
    InputEof,
    Interrupt,
    Request,
    Reset,
    RunJob,
    RunQuery,
    RunStep,
    SayHello,
    decode_request,
    encode_request,
)

__all__ = [
    "MAX_RUN_ID",
    "PROTOCOL_VERSION",
    "Cancel",
    "Finished",
    "GetStatus",
    "Hello",
    "Html",
    "Input",
    "InputEof",
    "Interrupt",
    "Job",
    "Limits",
    "Log",
    "Media",
    "OtherRecord",
    "Output",
    "OutputAction",
    "Record",
    "Request",
    "Reset",
    "RunJob",
    "RunQuery",
    "RunStep",
    "SayHello",
    "State",
    "Status",
    "Step",
    "StreamName",
    "Verdict",
    "WaitingInput",
    "decode_record",
    "decode_request",
    "encode_record",
    "encode_request",
    "run_id_of",
]
