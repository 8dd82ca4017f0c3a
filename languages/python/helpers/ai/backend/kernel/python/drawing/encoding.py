"""See `polykernel_helpers.drawing`."""

from polykernel_helpers.drawing.encoding import decode_commands, encode_commands

__all__ = ("decode_commands", "encode_commands")
