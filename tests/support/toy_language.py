"""A language of shell scripts: a build that `build.sh` makes, a program, a query."""

from polykernel_runner.language import BuildStep, Project, Snippet

name = "toy"
projects = (
    Project(
        when=("main.sh", "*.sh"),
        build=(BuildStep(when="build.sh", argv=("sh", "build.sh")),),
        clean=(BuildStep(argv=("rm", "-f", "built")),),
        run=("sh", "{main}", "{args}"),
    ),
)
query = Snippet(file="query.sh", run=("sh", "{main}", "{args}"))
live_env = {"TOY_LIVE": "1"}
