"""Haskell: `main.hs`, `Main.hs` or the only Haskell file, with the modules that it imports."""

from polykernel_runner.language import BuildStep, Project, Snippet

_GHC = ("ghc", "--make", "-v0", "-O1", "-rtsopts=ignore", "-outputdir", "{build}/objects")

name = "haskell"
projects = (
    Project(
        when=("main.hs", "Main.hs", "*.hs"),
        build=(BuildStep(argv=(*_GHC, "-o", "{build}/main", "$GHCFLAGS", "{main}")),),
        run=("{build}/main", "{args}"),
    ),
)
# GHCi, which runghc is, would write each letter on its own; and runghc takes +RTS for itself.
_BY_LINES = "System.IO.hSetBuffering System.IO.stdout System.IO.LineBuffering"
query = Snippet(
    file="main.hs",
    run=("runghc", "--RTS", "--ghc-arg=-e", f"--ghc-arg={_BY_LINES}", "{main}", "{args}"),
)
# Before a read, what was printed is shown: GHC's own buffer holds it back even at a terminal.
live_env = {"LD_PRELOAD": "/opt/polykernel/haskell/live.so"}
