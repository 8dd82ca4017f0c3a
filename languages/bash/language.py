"""Bash: `main.sh` or the only shell script."""

from polykernel_runner.language import Project, Snippet

_RUN = ("bash", "--", "{main}", "{args}")
name = "bash"
projects = (Project(when=("main.sh", "*.sh"), run=_RUN),)
query = Snippet(file="main.sh", run=_RUN)
