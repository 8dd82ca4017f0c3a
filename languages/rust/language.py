"""Rust: a Cargo project or workspace, built offline, or one source file with its modules."""

from polykernel_runner.language import BuildStep, Project, Snippet

# Cargo runs what it built by way of this, which only notes what that is.
_NOTE = """['sh', '-c', 'ln -sfn "$(realpath "$0")" {build}/program']"""
_CARGO = (
    *("cargo", "run", "--quiet", "--release", "--offline", "--target-dir", "{build}/target"),
    *("--config", f"target.'cfg(all())'.runner={_NOTE}"),
)
# Without the standard library's own debug information linking takes half the time.
_RUSTC = (
    *("rustc", "--edition", "2024", "-O", "-C", "strip=debuginfo"),
    *("--crate-name", "main", "-o", "{build}/main", "$RUSTFLAGS"),
)

name = "rust"
projects = (
    Project(
        when=("Cargo.toml",),
        build=(BuildStep(argv=_CARGO),),
        run=("sh", "-c", 'exec "$(readlink {build}/program)" "$@"', "sh", "{args}"),
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
