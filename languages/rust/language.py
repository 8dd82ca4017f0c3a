"""Rust: a Cargo project or workspace, built offline, or one source file with its modules."""

from polykernel_runner.language import BuildStep, Project, Snippet

_CARGO = ("--quiet", "--release", "--offline", "--target-dir", "{build}/target")
# Without the standard library's own debug information linking takes half the time.
_RUSTC = (
    *("rustc", "--edition", "2024", "-O", "-C", "strip=debuginfo"),
    *("--crate-name", "main", "-o", "{build}/main", "$RUSTFLAGS"),
)

name = "rust"
projects = (
    Project(
        when=("Cargo.toml",),
        build=(BuildStep(argv=("cargo", "build", *_CARGO)),),
        run=("cargo", "run", *_CARGO, "--", "{args}"),
    ),
    Project(
        when=("main.rs", "*.rs"),
        build=(BuildStep(argv=(*_RUSTC, "{main}")),),
        run=("{build}/main", "{args}"),
    ),
)
query = Snippet(
    file="main.rs",
    build=(BuildStep(argv=(*_RUSTC, "main.rs")),),
    run=("{build}/main", "{args}"),
)
# The home may be the work directory, or a mount that cannot be written to.
env = {"CARGO_HOME": "/tmp/cargo"}  # noqa: S108 - the container has no other user
