"""PHP: `main.php` or the only PHP file; a query may do without its opening tag."""

from polykernel_runner.language import BuildStep, Project, Snippet

# Also in an image for production a program's errors are its user's business, on stderr.
_RUN = ("php", "-d", "display_errors=stderr", "-d", "log_errors=0", "{main}", "{args}")
# On the same line, so that all lines keep their numbers.
_OPEN = r"/^\s*\(<\|#!\)/! s/^/<?php /"

name = "php"
projects = (Project(when=("main.php", "*.php"), run=_RUN),)
query = Snippet(
    file="main.php",
    build=(BuildStep(argv=("sed", "--null-data", "--in-place", _OPEN, "main.php")),),
    run=_RUN,
)
live_env = {"PHP_INI_SCAN_DIR": ":/opt/polykernel/php/live"}
