"""Perl: `main.pl` or the only Perl file."""

from polykernel_runner.language import Project, Snippet

_RUN = ("perl", "-I{work}/lib", "-I{work}", "{main}", "{args}")
name = "perl"
projects = (Project(when=("main.pl", "*.pl"), run=_RUN),)
query = Snippet(file="main.pl", run=_RUN)
live_env = {"PERL5OPT": "-Mvars;$|++"}  # prompts are shown at once, as at a terminal
