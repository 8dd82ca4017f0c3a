"""Python programs run in the Python the user knows, with nothing of ours in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from driving.kernels import Fresh
    from polykernel import Kernel

pytestmark = pytest.mark.parametrize("lang", ["python"])


async def test_defect_43_the_users_sitecustomize_is_the_one_that_is_taken(kernel: Kernel) -> None:
    files = {"sitecustomize.py": "print('customised')", "main.py": "print('main')"}
    result = await kernel.run(files, env={"PYTHONPATH": "/home/work"}, stdin="")

    assert result.text == "customised\nmain\n"


async def test_defect_43_the_module_path_is_pythons_own(kernel: Kernel) -> None:
    show = "import os, sys\nprint(os.environ.get('PYTHONPATH'), sys.path[0], '' in sys.path)"
    result = await kernel.run({"main.py": show}, stdin="")

    assert result.text == "None /home/work False\n"


async def test_nothing_of_the_runner_can_be_imported(kernel: Kernel) -> None:
    code = """
from importlib.util import find_spec
print([name for name in ("polykernel_runner", "uvloop") if find_spec(name)])
print(find_spec("msgpack").origin.startswith("/usr/local/lib/"))
"""
    batch = await kernel.run({"main.py": code}, stdin="")
    query = await kernel.query(code)

    assert batch.text == query.text == "[]\nTrue\n"


async def test_what_pip_installs_for_the_user_is_found(fresh: Fresh) -> None:
    files = {
        "mine/pyproject.toml": '[project]\nname = "mine"\nversion = "1.2"\n',
        "mine/mine/__init__.py": "word = 'installed'\n",
        "requirements.txt": "./mine\n",
        "main.py": "import os\nos.chdir('/')\nimport mine\nprint(mine.word)\n",
    }
    async with fresh() as kernel:
        result = await kernel.run(files, stdin="")
        query = await kernel.query("import importlib.metadata\nimportlib.metadata.version('mine')")

    assert result.text == "installed\n", result.stderr.decode()
    assert query.text == "'1.2'\n"


async def test_defect_43_a_password_is_asked_for(kernel: Kernel) -> None:
    code = "import getpass\nprint('got', getpass.getpass('word? '))"
    result = await kernel.run({"main.py": code}, answers=["secret"])

    assert result.text.endswith("got secret\n")
    assert "word? " in result.text + result.stderr.decode()
