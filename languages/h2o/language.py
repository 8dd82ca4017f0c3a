"""H2O-3 in Python, whose programs are built, run and queried as in Python's own image.

`h2o.init()` finds the H2O-3 that runs as a service, or starts one that lives as long as the program
or the query kernel; `h2o.connect()` finds either.
"""

from polykernel_runner.language import BuildStep, JupyterKernel, Project

_INSTALL = (
    *("python3", "-m", "pip", "install", "--quiet", "--user"),
    *("--no-build-isolation", "--no-warn-script-location"),
)
_UNLESS_PYPROJECT = ("sh", "-c", '[ -e pyproject.toml ] || exec "$@"', "sh")

name = "h2o"
projects = (
    Project(
        when=("main.py", "__main__.py", "*.py"),
        build=(
            BuildStep(when="requirements.txt", argv=(*_INSTALL, "-r", "requirements.txt")),
            BuildStep(when="pyproject.toml", argv=(*_INSTALL, ".")),
            BuildStep(when="setup.py", argv=(*_UNLESS_PYPROJECT, *_INSTALL, ".")),
        ),
        run=("python3", "{main}", "{args}"),
    ),
)
query = JupyterKernel(
    argv=(
        *("python3", "-u", "/opt/polykernel/python/kernel.py", "-f", "{connection_file}"),
        "--HistoryManager.enabled=False",
        "--InteractiveShell.colors=nocolor",
        # Else its first output is how to connect to it.
        "--IPKernelApp.log_level=CRITICAL",
    )
)
env = {
    # Where the service writes what it asks its users for: h2o's client reads it as a netrc file.
    "NETRC": "/tmp/h2o/netrc",  # noqa: S108  the user's own, as all of /tmp is here
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_CACHE_DIR": "1",
    "PIP_NO_INPUT": "1",
    "PIP_RETRIES": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
live_env = {"PYTHONUNBUFFERED": "1"}
