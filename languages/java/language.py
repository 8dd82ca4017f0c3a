"""Java: all sources below the work directory, compiled by `polykernel.Compile` of this image.

It leaves in `{build}` the classes, and in `main.args` what starts the one with the main method:
the only such class, the one called Main, or what the variable MAIN_CLASS says. Libraries are
`lib/*.jar`. JAVACFLAGS are for the compiler, JAVA_OPTS for the program.
"""

from polykernel_runner.language import BuildStep, Project, Snippet

_COMPILE = (
    "java",
    "-XX:AOTCache=/opt/polykernel/java/compiler.aot",
    "@/opt/polykernel/java/compile.args",
    "{build}",
    "{work}",
    "$JAVACFLAGS",
    "--",
)
_RUN = ("java", "$JAVA_OPTS", "@{build}/main.args", "{args}")

name = "java"
projects = (
    Project(
        when=("**/*.java",),
        sources="**/*.java",
        build=(BuildStep(argv=(*_COMPILE, "{sources}")),),
        run=_RUN,
    ),
)
query = Snippet(file="main.java", build=(BuildStep(argv=(*_COMPILE, "main.java")),), run=_RUN)
