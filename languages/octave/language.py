"""Octave: `main.m` or the only Octave file; figures that are open at the end come as pictures."""

from polykernel_runner.language import Project, Snippet

_RUN = ("octave-cli", "--quiet", "--no-history", "--no-line-editing", "{main}", "{args}")

name = "octave"
projects = (Project(when=("main.m", "*.m"), run=_RUN),)
query = Snippet(file="main.m", run=_RUN)
env = {"OCTAVE_SITE_INITFILE": "/opt/polykernel/octave/octaverc"}
live_env = {"POLYKERNEL_LIVE": "1"}
