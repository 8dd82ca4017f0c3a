"""C++: a Makefile that leaves `main` (or `a.out`), a CMakeLists.txt, or all C++ files.

C files are left out of the last, since g++ would take them for C++.
"""

from polykernel_runner.language import BuildStep, Project, Snippet

# The precompiled headers are for these flags: see the Dockerfile.
_DEFAULT = ("-std=gnu++23", "-O2")
_GXX = ("g++", *_DEFAULT, "-Wall", "-I{work}", "$CXXFLAGS", "-o", "{build}/main")
_LIBRARIES = ("$LDFLAGS", "-lstdc++exp")
_SOURCES = tuple(f"**/*.{suffix}" for suffix in ("cpp", "cc", "cxx", "c++", "C"))
_RUN_WHAT_MAKE_MADE = """
for program in ./main ./a.out; do [ -f $program ] && exec $program "$@"; done
echo "there is nothing to run: make left neither main nor a.out in the work directory" >&2
exit 127
"""
# What a project says goes to stderr; all else tells only CMake's progress.
_CONFIGURE = (
    *("sh", "-c", 'exec cmake "$@" >/dev/null', "sh"),
    *("--fresh", "-S", "{work}", "-B", "{build}/cmake"),
    "-DCMAKE_PROJECT_TOP_LEVEL_INCLUDES=/opt/polykernel/cmake/program.cmake",
    *("-DCMAKE_RULE_MESSAGES=OFF", "-DCMAKE_TARGET_MESSAGES=OFF"),
)
_RUN_WHAT_CMAKE_MADE = """
cd "{build}/cmake" && program=$(cat program) && [ "$program" ] || { cat why; exit 127; } >&2
cd "{work}" && exec "$program" "$@"
"""

name = "cpp"
projects = (
    Project(
        when=("GNUmakefile", "makefile", "Makefile"),
        build=(BuildStep(argv=("make", "--silent")),),
        run=("sh", "-c", _RUN_WHAT_MAKE_MADE, "sh", "{args}"),
    ),
    Project(
        when=("CMakeLists.txt",),
        build=(
            BuildStep(argv=_CONFIGURE),
            BuildStep(argv=("cmake", "--build", "{build}/cmake", "--", "--silent")),
        ),
        run=("sh", "-c", _RUN_WHAT_CMAKE_MADE, "sh", "{args}"),
    ),
    Project(
        when=_SOURCES,
        sources=_SOURCES,
        build=(BuildStep(argv=(*_GXX, "{sources}", *_LIBRARIES)),),
        run=("{build}/main", "{args}"),
    ),
)
query = Snippet(
    file="main.cpp",
    build=(BuildStep(argv=(*_GXX, "main.cpp", *_LIBRARIES)),),
    run=("{build}/main", "{args}"),
)
# What make and CMake go by where their files say nothing else.
env = {"CXXFLAGS": " ".join(_DEFAULT), "CMAKE_BUILD_PARALLEL_LEVEL": "2"}
# As at a terminal: whole lines are shown at once, and what was printed before input is waited for.
live_env = {
    "LD_PRELOAD": "/usr/libexec/coreutils/libstdbuf.so",
    "_STDBUF_I": "L",
    "_STDBUF_O": "L",
    # A program that was built with it refuses to start behind another preloaded library.
    "ASAN_OPTIONS": "verify_asan_link_order=0",
}
