"""Python: `main.py`, `__main__.py` or the only Python file; queries go to an IPython kernel.

What requirements.txt names, and the package that a pyproject.toml or setup.py describes, is
installed for the user first; without a network, that is what lies in the work directory.
"""

from polykernel_runner.language import BuildStep, JupyterKernel, Project

_INSTALL = (
    *("python3", "-m", "pip", "install", "--quiet", "--user"),
    *("--no-build-isolation", "--no-warn-script-location"),
)
_UNLESS_PYPROJECT = ("sh", "-c", '[ -e pyproject.toml ] || exec "$@"', "sh")

name = "python"
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
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_CACHE_DIR": "1",
    "PIP_NO_INPUT": "1",
    "PIP_RETRIES": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
live_env = {"PYTHONUNBUFFERED": "1"}
