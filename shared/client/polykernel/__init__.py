"""Run programs in many languages, each kernel a hardened container, driven over ZeroMQ.

    import asyncio
    from polykernel import Kernel

    async def main():
        async with Kernel.start("rust") as kernel:
            result = await kernel.run(files={"main.rs": 'fn main() { println!("hi"); }'})
            print(result.exit_code, result.text)

    asyncio.run(main())

`Kernel` says what can be asked, `Pool` keeps kernels warm, `Run` how output comes, `Result` what
a run came to, and `PolykernelError` what can go wrong. Log records of kernels go to the logger
`polykernel.log`, what containers themselves say to `polykernel.container`.
"""

import logging

from polykernel.apps import ModelService, Service
from polykernel.endpoint import CurveKeys, Endpoint, IpcEndpoint, TcpEndpoint
from polykernel.errors import (
    EngineError,
    EngineNotFoundError,
    ImageNotFoundError,
    KernelClosedError,
    KernelDiedError,
    KernelError,
    KernelTimeoutError,
    OptionError,
    OutputError,
    PolykernelError,
    RecordError,
    ServiceError,
)
from polykernel.files import read_program
from polykernel.kernel import Kernel
from polykernel.member import PoolStats
from polykernel.pool import Pool
from polykernel.result import Dropped, Result
from polykernel.run import Run
from polykernel.terminal import Terminal
from polykernel_runner.protocol import (
    App,
    Completeness,
    Completion,
    Finished,
    Hello,
    Html,
    Inspection,
    Limits,
    Log,
    Media,
    ModelServiceStatus,
    Output,
    Record,
    Status,
    WaitingInput,
)

# Who wants to see what it logs says where.
logging.getLogger("polykernel").addHandler(logging.NullHandler())

__all__ = [
    "App",
    "Completeness",
    "Completion",
    "CurveKeys",
    "Dropped",
    "Endpoint",
    "EngineError",
    "EngineNotFoundError",
    "Finished",
    "Hello",
    "Html",
    "ImageNotFoundError",
    "Inspection",
    "IpcEndpoint",
    "Kernel",
    "KernelClosedError",
    "KernelDiedError",
    "KernelError",
    "KernelTimeoutError",
    "Limits",
    "Log",
    "Media",
    "ModelService",
    "ModelServiceStatus",
    "OptionError",
    "Output",
    "OutputError",
    "PolykernelError",
    "Pool",
    "PoolStats",
    "Record",
    "RecordError",
    "Result",
    "Run",
    "Service",
    "ServiceError",
    "Status",
    "TcpEndpoint",
    "Terminal",
    "WaitingInput",
    "read_program",
]
