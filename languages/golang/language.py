"""Go: a module, or the Go files of the work directory without one; what `go build .` builds.

Where a module's top directory is no program, its only one below that is, such as `cmd/name`.
"""

from polykernel_runner.language import BuildStep, Project, Snippet

_BUILD = ("go", "build", "-o", "{build}/programs/")
# Go is shown a go.mod that is not there, as it would refuse to look at a directory without.
_FILES = BuildStep(argv=(*_BUILD, "-overlay=/opt/polykernel/go/no-module.json", "."))
_WHAT_IS_A_PROGRAM = """
rm -rf "{build}/programs"
[ "$(go list -find -f '{{.Name}}' . 2>/dev/null)" = main ] || exec "$@" ./...
exec "$@" .
"""
_RUN_THE_ONLY_ONE = """
programs=$(ls "{build}/programs") && [ "$programs" ] || exit 127
[ -f "{build}/programs/$programs" ] && exec "{build}/programs/$programs" "$@"
echo "there are several programs," $programs"; put the one to run into the top directory" >&2
exit 127
"""

name = "golang"
projects = (
    Project(
        when=("go.mod",),
        build=(BuildStep(argv=("sh", "-c", _WHAT_IS_A_PROGRAM, "sh", *_BUILD)),),
        run=("sh", "-c", _RUN_THE_ONLY_ONE, "sh", "{args}"),
    ),
    Project(when=("*.go",), build=(_FILES,), run=("{build}/programs/main", "{args}")),
)
query = Snippet(file="main.go", build=(_FILES,), run=("{build}/programs/main", "{args}"))
env = {
    "GOCACHE": "/tmp/go-build",  # noqa: S108 - the container has no other user
    # There is no network: modules come with a program, in vendor/.
    "GOPROXY": "off",
    "GOTOOLCHAIN": "local",
    # A build takes a quarter less without debug information; traces tell lines all the same.
    "GOFLAGS": "-ldflags=-w",
}
