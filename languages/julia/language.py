"""Julia: `main.jl` or the only Julia file; a `Project.toml` beside it is its environment."""

from polykernel_runner.language import EvaluationServer, Project

name = "julia"
projects = (Project(when=("main.jl", "*.jl"), run=("julia", "--project=@.", "{main}", "{args}")),)
query = EvaluationServer(
    argv=("julia", "/opt/polykernel/julia/start.jl", "{socket}"),
    assists=("complete", "inspect", "is-complete"),
    # A loop that neither calls nor allocates listens to the fourth or fifth; one may get lost.
    insistence=6,
)
