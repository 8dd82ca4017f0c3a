from __future__ import annotations

import ast
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import polykernel
from polykernel import errors


def test_all_names_what_the_package_imports_and_nothing_else() -> None:
    tree = ast.parse(Path(polykernel.__file__).read_text(encoding="utf-8"))
    imported = {
        alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }

    assert set(polykernel.__all__) == imported
    assert polykernel.__all__ == sorted(polykernel.__all__)


def test_every_error_is_public_and_drawn_in_the_tree() -> None:
    classes = [
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.PolykernelError)
    ]

    assert set(classes) <= set(polykernel.__all__)
    assert all(name in (errors.__doc__ or "") for name in classes)


def test_the_package_is_typed() -> None:
    assert files("polykernel").joinpath("py.typed").is_file()


def test_importing_the_package_does_not_import_the_docker_sdk() -> None:
    code = "import polykernel, sys; sys.exit('docker' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
