"""Lua: `main.lua` or the only Lua file; modules are looked for in the work directory."""

from polykernel_runner.language import Project, Snippet

_RUN = ("lua", "{main}", "{args}")

name = "lua"
projects = (Project(when=("main.lua", "*.lua"), run=_RUN),)
query = Snippet(file="main.lua", run=_RUN)
# Lua prints by C's library: as at a terminal, what was printed is shown before input is waited for.
live_env = {
    "LD_PRELOAD": "/usr/libexec/coreutils/libstdbuf.so",
    "_STDBUF_I": "L",
    "_STDBUF_O": "L",
}
