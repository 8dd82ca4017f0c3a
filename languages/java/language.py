"""Java: all sources below the work directory, compiled by `polykernel.Compile` of this image.

It leaves in `{build}` the classes, and in `main.args` what starts the one with the main method:
the only such class, the one called Main, or what the variable MAIN_CLASS says. Queries are
evaluated by `polykernel.server.Server`: programs of one file, or whatever JShell understands.
Libraries are `lib/*.jar`. JAVACFLAGS are for the compiler, JAVA_OPTS for the program.
"""

from polykernel_runner.language import BuildStep, EvaluationServer, Project

_OWN = "/opt/polykernel/java"
_COMPILE = (
    "java",
    f"-XX:AOTCache={_OWN}/compiler.aot",
    f"@{_OWN}/compile.args",
    "{build}",
    "{work}",
    "$JAVACFLAGS",
    "--",
    "{sources}",
)

name = "java"
projects = (
    Project(
        when=("**/*.java",),
        sources="**/*.java",
        build=(BuildStep(argv=_COMPILE),),
        run=("java", "$JAVA_OPTS", "@{build}/main.args", "{args}"),
    ),
)
query = EvaluationServer(
    argv=(
        "java",
        f"-XX:AOTCache={_OWN}/server.aot",
        "$JAVA_OPTS",
        f"@{_OWN}/serve.args",
        "{socket}",
        "$JAVACFLAGS",
    ),
    assists=("complete", "inspect", "is-complete"),
)
