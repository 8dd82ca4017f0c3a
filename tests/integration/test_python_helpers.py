"""What user code in the Python image can import: `install`, and a canvas to draw on."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import msgpack
import pytest

from polykernel import Media, Output
from support.wheels import Wheel

if TYPE_CHECKING:
    from driving.kernels import Fresh
    from polykernel import Kernel

pytestmark = pytest.mark.parametrize("lang", ["python"])

BOTH = ["application/x-sorna-drawing", "image/svg+xml"]
LOCAL = """
import os
os.environ.update(PIP_NO_INDEX="1", PIP_FIND_LINKS="wheels")
"""


def shapes(version: str) -> Wheel:
    files = {"shapes.py": f"WORD = 'of {version}'\n"}
    return Wheel(name="shapes", version=version, files=files)


def wheels(*versions: str) -> dict[str, bytes]:
    return {f"wheels/{shapes(version).file_name}": shapes(version).data() for version in versions}


def told(drawing: Media) -> list[Any]:
    """A drawing's commands, without the canvas's number."""
    return [command[1:] for command in msgpack.unpackb(base64.b64decode(drawing.data))]


def shown(picture: Media) -> list[str]:
    """What is in a picture, from the back to the front."""
    (group,) = ET.fromstring(picture.data)  # noqa: S314 - ours, and no secret is here
    return [element.tag.rpartition("}")[2] for element in group]


async def test_defect_44_a_canvas_shows_a_picture(kernel: Kernel) -> None:
    code = """
        from ai.backend.kernel.python.drawing import Canvas, Colors
        canvas = Canvas(100, 60)
        circle = canvas.circle(50, 30, 20, fill=Colors.Yellow)
        circle.set_x(60)
        print("before")
        canvas.show()
        print("after")
    """
    seen, media = "", []
    async for record in kernel.query(code):
        if isinstance(record, Media):
            media.append(record)
            seen += f"[{record.type}]"
        elif isinstance(record, Output):
            seen += record.data.decode()

    assert seen == f"before\n[{BOTH[0]}][{BOTH[1]}]after\n"
    drawing, picture = media
    assert told(drawing) == [
        ["canvas", 100, 60, "#ffffffff", "#000000ff"],
        ["obj", 0, ["circle", 50, 30, 20, "#000000ff", "#ffff00ff", 0]],
        ["update", 0, "x", 60],
    ]
    assert shown(picture) == ["rect", "circle"]


async def test_defect_44_a_turtle_shows_its_way_and_then_what_is_new_of_it(kernel: Kernel) -> None:
    begin = """
        from polykernel_helpers.drawing import Canvas
        canvas = Canvas(100, 60)
        turtle = canvas.create_turtle()
        turtle.forward(10)
        canvas
    """
    first = await kernel.query(begin)
    second = await kernel.query("turtle.left(90)\ncanvas.update()")

    assert first.stderr + second.stderr == b""
    drawing, picture = first.media
    assert [drawing.type, picture.type] == BOTH
    assert [command[0] for command in told(drawing)] == [
        *("canvas", "obj", "begin-group", "obj", "update", "update", "end-group"),
    ]
    assert shown(picture) == ["rect", "line", "polygon"]
    drawing, picture = second.media
    assert told(drawing) == [["update", 0, "rotate", -90]]
    assert shown(picture) == ["rect", "line", "polygon"]


async def test_a_program_leaves_its_picture_in_a_file(kernel: Kernel) -> None:
    code = "from polykernel_helpers.drawing import Canvas\nCanvas(100, 60).show()\n"
    result = await kernel.run({"main.py": code}, stdin="")
    picture = await kernel.execute("exec", "cat canvas-1.svg")

    assert (result.verdict, result.stdout) == ("ok", b"")
    assert result.stderr == b"the drawing is in canvas-1.svg\n"
    assert shown(Media("image/svg+xml", picture.text)) == ["rect"]


async def test_defect_45_what_a_query_installs_is_there_at_once(fresh: Fresh) -> None:
    code = f"""{LOCAL}
from polykernel_helpers import install
print(os.path.exists(".local"), install("shapes<2"), install("shapes>=1"))
import shapes
print(shapes.WORD)
"""
    async with fresh() as kernel:
        await kernel.run(wheels("1.0", "2.0"), build=False, exec=False)
        query = await kernel.query(code)
        batch = await kernel.run({"main.py": "import shapes\nprint(shapes.WORD)"}, stdin="")

    now = "Installed(name='shapes', version='1.0', changed=True)"
    then = "Installed(name='shapes', version='1.0', changed=False)"
    assert query.text == f"False {now} {then}\nof 1.0\n", query.stderr.decode()
    assert batch.text == "of 1.0\n"


async def test_defect_45_a_wheel_among_the_files_is_installed_by_its_path(fresh: Fresh) -> None:
    code = f"""{LOCAL}
from ai.backend.helpers import install
install("wheels/{shapes("2.0").file_name}", force_install=True)
import shapes
shapes.WORD
"""
    async with fresh() as kernel:
        await kernel.run(wheels("2.0"), build=False, exec=False)
        result = await kernel.query(code)

    assert result.text == "'of 2.0'\n", result.stderr.decode()


async def test_defect_45_a_bad_requirement_fails_with_the_reason(kernel: Kernel) -> None:
    nowhere = await kernel.query(f"{LOCAL}\nimport polykernel_helpers as h\nh.install('nowhere>3')")
    nothing = await kernel.query("h.install('two words')")

    assert (nowhere.verdict, nowhere.exit_code) == ("error", 1)
    assert "InstallError: nowhere>3 could not be installed; pip says:" in nowhere.stderr.decode()
    assert "No matching distribution found for nowhere>3" in nowhere.stderr.decode()
    assert (nothing.verdict, nothing.exit_code) == ("error", 1)
    assert "InstallError: 'two words' is no requirement" in nothing.stderr.decode()


async def test_a_directory_is_installed_without_a_network(fresh: Fresh) -> None:
    files = {
        "mine/pyproject.toml": '[project]\nname = "mine"\nversion = "1.2"\n',
        "mine/mine/__init__.py": "word = 'built'\n",
    }
    code = "from polykernel_helpers import install\ninstall('./mine')\nimport mine\nmine.word"
    async with fresh() as kernel:
        await kernel.run(files, build=False, exec=False)
        result = await kernel.query(code)

    assert result.text == "'built'\n", result.stderr.decode()
