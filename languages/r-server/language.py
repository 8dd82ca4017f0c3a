"""R Server: queries are executed in a session of a server elsewhere; see docs/r-server.md."""

from polykernel_runner.language import EvaluationServer

name = "r-server"
query = EvaluationServer(
    argv=("/opt/polykernel/env/bin/python", "-I", "-m", "polykernel_r_server", "{socket}")
)
