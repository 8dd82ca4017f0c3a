"""Git: queries go to a shell that lives on; `%show graph` draws a repository's history."""

from polykernel_runner.language import EvaluationServer

name = "git"
query = EvaluationServer(
    argv=("/opt/polykernel/env/bin/python", "-I", "-m", "polykernel_git", "{socket}")
)
