"""`install` with a real pip, in an environment of the test's own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from polykernel_helpers import InstallError, install
from support.wheels import Wheel

if TYPE_CHECKING:
    from pathlib import Path

    from support.pythons import Python

SHOW = """
from polykernel_helpers import install
def show(requirement, force=False):
    got = install(requirement, force)
    print(got.name, got.version, got.changed)
"""
CAUGHT = """
from polykernel_helpers import InstallError, install
try:
    install({requirement!r})
except InstallError as error:
    print(error)
"""


def shapes(version: str, *metadata: str) -> Wheel:
    files = {"shapes.py": f"WORD = 'of {version}'\n"}
    return Wheel(name="shapes", version=version, files=files, metadata=metadata)


def test_defect_45_what_is_installed_can_be_imported_at_once(python: Python, wheels: Path) -> None:
    shapes("1.0").write(wheels)
    code = f"{SHOW}\ntry:\n    import shapes\nexcept ImportError:\n    show('shapes')"

    assert (
        python.prints(f"{code}\nimport shapes\nprint(shapes.WORD)") == "shapes 1.0 True\nof 1.0\n"
    )


def test_defect_45_version_specifiers_are_understood(python: Python, wheels: Path) -> None:
    for version in ("1.0", "1.5", "2.0"):
        shapes(version).write(wheels)
    asked = (
        "shapes<1.5",
        "Shapes >=0.9, !=1.2",
        "shapes",
        "shapes>1",
        "shapes~=1.0",
        "shapes==1.*",
    )

    assert python.prints(f"{SHOW}\nfor asked in {asked}: show(asked)").splitlines() == [
        "shapes 1.0 True",
        "Shapes 1.0 False",
        "shapes 1.0 False",
        "shapes 2.0 True",
        "shapes 1.5 True",
        "shapes 1.5 False",
    ]


def test_defect_45_a_failure_is_told_with_the_last_lines_of_pip(python: Python) -> None:
    told = python.prints(CAUGHT.format(requirement="nowhere>=3"), FORCE_COLOR="1")

    assert told.startswith("nowhere>=3 could not be installed; pip says:\n")
    assert "No matching distribution found for nowhere>=3" in told
    assert "\x1b" not in told


def test_what_is_there_needs_no_pip(python: Python, wheels: Path) -> None:
    shapes("1.0").write(wheels)
    python.prints(f"{SHOW}\nshow('shapes')")
    without = "import sys\nsys.executable = '/nowhere/python'\n"

    assert python.prints(f"{without}{SHOW}\nshow('shapes<2')") == "shapes 1.0 False\n"


def test_force_installs_what_is_there(python: Python, wheels: Path) -> None:
    shapes("1.0").write(wheels)
    code = f"""{SHOW}
from pathlib import Path
show("shapes")
import shapes
Path(shapes.__file__).write_text("broken")
show("shapes")
print(Path(shapes.__file__).read_text())
import warnings
with warnings.catch_warnings(record=True) as caught:
    show("shapes", True)
print(Path(shapes.__file__).read_text(), *(item.message for item in caught))
"""
    assert python.prints(code).splitlines() == [
        "shapes 1.0 True",
        "shapes 1.0 False",
        "broken",
        "shapes 1.0 True",
        "WORD = 'of 1.0'",
        " shapes was imported before; 1.0 is in use from the next start of Python on",
    ]


def test_extras_bring_their_packages_even_if_the_name_is_there(
    python: Python, wheels: Path
) -> None:
    shapes("1.0", "Provides-Extra: color", 'Requires-Dist: paints; extra == "color"').write(wheels)
    Wheel(name="paints", version="3.1", files={"paints.py": "RED = 'red'\n"}).write(wheels)
    code = f"{SHOW}\nshow('shapes')\nshow('shapes[color]>=1')\nimport paints\nprint(paints.RED)"

    assert python.prints(code) == "shapes 1.0 True\nshapes 1.0 False\nred\n"


@pytest.mark.parametrize(
    "place",
    ["./place/shapes-1.0-py3-none-any.whl", "file://{wheel}", "shapes @ file://{wheel}", "{wheel}"],
)
def test_wheels_can_be_named_by_path_and_by_url(python: Python, tmp_path: Path, place: str) -> None:
    (tmp_path / "place").mkdir()
    requirement = place.format(wheel=shapes("1.0").write(tmp_path / "place"))
    code = f"{SHOW}\nshow({requirement!r})\nshow({requirement!r})\nimport shapes"

    first, again = python.prints(code).splitlines()
    assert first == "shapes 1.0 True"
    assert again.startswith("shapes 1.0 ")


def test_a_wheel_in_the_working_directory_is_no_name(python: Python, tmp_path: Path) -> None:
    wheel = shapes("1.0").write(tmp_path)
    code = f"{SHOW}\nfrom pathlib import Path\nshow({wheel.name!r})\nshow(Path({wheel.name!r}))"

    assert python.prints(code) == "shapes 1.0 True\nshapes 1.0 False\n"


def test_a_directory_is_built_with_what_is_there(python: Python, tmp_path: Path) -> None:
    source = tmp_path / "mine"
    source.mkdir()
    (source / "shapes.py").write_text("WORD = 'built'\n")
    (source / "setup.py").write_text(
        "from setuptools import setup\nsetup(name='shapes', version='7', py_modules=['shapes'])\n"
    )

    told = python.prints(f"{SHOW}\nshow('./mine')\nimport shapes\nprint(shapes.WORD)")
    assert told == "shapes 7 True\nbuilt\n"


def test_a_user_site_that_was_not_there_at_the_start_is_found(
    python_with_user_site: Python, wheels: Path, tmp_path: Path
) -> None:
    shapes("1.0").write(wheels)
    code = f"""{SHOW}
import site, sys
assert site.getusersitepackages() not in sys.path
show("shapes")
import shapes
print(shapes.__file__.startswith({os.fspath(tmp_path / "user")!r}))
paths = [sys.path.index(path) for path in site.getsitepackages() if path in sys.path]
print(sys.path.index(site.getusersitepackages()) < min(paths))
"""
    told = python_with_user_site.prints(code, PIP_USER="1")
    assert told == "shapes 1.0 True\nTrue\nTrue\n"


@pytest.mark.uid("other")
def test_where_the_site_is_not_writable_it_is_the_users(
    python_with_user_site: Python, wheels: Path
) -> None:
    shapes("1.0").write(wheels)
    (site,) = python_with_user_site.home.glob("lib/python*/site-packages")
    site.chmod(0o555)

    told = python_with_user_site.prints(f"{SHOW}\nshow('shapes')\nimport shapes")
    assert told == "shapes 1.0 True\n"


def test_a_version_that_something_else_hides_is_told(
    python: Python, wheels: Path, tmp_path: Path
) -> None:
    shapes("2.0").write(wheels)
    about = tmp_path / "shapes-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: shapes\nVersion: 1.0\n")
    code = "import sys\nsys.path.insert(0, '.')\n" + CAUGHT.format(requirement="shapes>=2")

    assert "what is found is shapes 1.0; another directory comes first" in python.prints(code)


def test_packages_share_the_namespace_of_the_originals_names(python: Python, wheels: Path) -> None:
    files = {"ai/backend/other/__init__.py": "WORD = 'other'\n"}
    Wheel(name="other", version="1.0", files=files).write(wheels)
    code = """
from ai.backend.helpers import install
print(install("other", force_install=True).version)
from ai.backend.other import WORD
print(WORD)
"""
    assert python.prints(code) == "1.0\nother\n"


@pytest.mark.parametrize(
    ("requirement", "told"),
    [
        ("", "'' is no requirement such as 'name'"),
        ("two words", "'two words' is no requirement"),
        ("shapes=>1", "'shapes=>1' is no requirement"),
        ("-r requirements.txt", "options of pip are not taken here"),
        ("./not-there.whl", "./not-there.whl: there is no such file or directory"),
        ("not-there.whl", "not-there.whl: there is no such file or directory"),
        ("shapes; python_version < '3'", "is not for this Python: its marker"),
    ],
)
def test_what_is_no_requirement_is_told(requirement: str, told: str) -> None:
    with pytest.raises(InstallError) as caught:
        install(requirement)
    assert told in str(caught.value)
