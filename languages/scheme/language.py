"""Scheme: `main.scm` or the only Scheme file; modules are looked for in the work directory."""

from polykernel_runner.language import Project, Snippet

# The files of R6RS libraries, and of R7RS's.
_SUFFIXES = ("-x", ".sls", "-x", ".sld")
_RUN = (
    *("guile", "--no-auto-compile", "-L", "{work}", *_SUFFIXES),
    *("-s", "/opt/polykernel/scheme/run.scm", "{main}", "{args}"),
)

name = "scheme"
projects = (Project(when=("main.scm", "*.scm", "*.ss"), run=_RUN),)
query = Snippet(file="main.scm", run=_RUN)
live_env = {"POLYKERNEL_LIVE": "1"}
