"""How much a kernel, or the program in it, can make this process keep in memory."""

from __future__ import annotations

from dataclasses import dataclass

from polykernel.errors import OptionError, OutputError, RecordError

# The most that a kernel of ours sends at once is a picture of 64 MiB: 86 MiB in base64.
LARGEST_RECORD = "128m"
MOST_OUTPUT = "256m"
# Programs' output comes in pieces of 256 KiB.
_LEAST_RECORD = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """See `Kernel.start`; in bytes."""

    largest_record: int = 128 << 20
    most_output: int = 256 << 20

    def __post_init__(self) -> None:
        if self.largest_record < _LEAST_RECORD:
            raise OptionError(
                f"largest_record {self.largest_record} is too little; give 1m or more"
            )
        if self.most_output < 1:
            raise OptionError(f"most_output must be more than 0, not {self.most_output}")

    def broken(self) -> RecordError:
        """Return what is raised when ZeroMQ has given the connection up."""
        return RecordError(
            "the kernel broke the connection: it sent something of more than largest_record,"
            f" {self.largest_record} bytes, or what is no message at all; if it may send as much,"
            " raise largest_record in Kernel.start or Kernel.connect"
        )

    def exceeded(self) -> OutputError:
        """Return what is raised by a run that prints more than is to be kept."""
        return OutputError(
            f"the run printed more than most_output, {self.most_output} bytes, and was cancelled:"
            " iterate over it, raise most_output in Kernel.start or Kernel.connect, or bound it by"
            " Limits(output=...)"
        )
