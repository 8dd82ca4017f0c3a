"""Julia: `main.jl` or the only Julia file; a `Project.toml` beside it is its environment."""

from polykernel_runner.language import Project, Snippet

_RUN = ("julia", "--project=@.", "{main}", "{args}")

name = "julia"
projects = (Project(when=("main.jl", "*.jl"), run=_RUN),)
query = Snippet(file="main.jl", run=_RUN)
