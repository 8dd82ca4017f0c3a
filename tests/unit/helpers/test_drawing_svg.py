"""The picture of a drawing: what it comes to, and how it moves there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from polykernel_helpers.drawing import Canvas, Color, Colors
from polykernel_helpers.drawing.commands import Begin, Change, Draw
from polykernel_helpers.drawing.scene import Scene
from polykernel_helpers.drawing.shapes import Line

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMESPACE = "{http://www.w3.org/2000/svg}"
# What an attribute is that is not written.
OTHERWISE = {"opacity": "1", "fill-opacity": "1", "stroke-opacity": "1", "transform": "rotate(0 "}


def elements(svg: str) -> list[ET.Element]:
    """The shapes, from the back to the front."""
    root = ET.fromstring(svg)  # noqa: S314 - our own
    assert root.tag == f"{NAMESPACE}svg"
    (group,) = root
    return list(group)


def names(svg: str) -> list[str]:
    return [element.tag.removeprefix(NAMESPACE) for element in elements(svg)]


def animations(element: ET.Element) -> dict[str, ET.Element]:
    return {animation.attrib["attributeName"]: animation for animation in element}


def moving_times(animation: ET.Element) -> list[float]:
    """When something changes, in seconds."""
    duration = float(animation.attrib["dur"].removesuffix("s"))
    moments = [float(part) * duration for part in animation.attrib["keyTimes"].split(";")]
    values = animation.attrib["values"].split(";")
    pairs = zip(values, values[1:], moments, moments[1:], strict=False)
    return [round(time, 2) for old, new, *span in pairs if old != new for time in span]


def starry() -> Canvas:
    """A bit of everything."""
    canvas = Canvas(400, 300)
    turtle = canvas.create_turtle()
    canvas.begin_fill(Colors.Yellow)
    for _ in range(5):
        turtle.forward(100)
        turtle.right(144)
    canvas.end_fill()
    with canvas.group():
        sun = canvas.circle(50, 50, 20, fill=Color(255, 200, 0, 100))
        box = canvas.rectangle(100, 50, 30, 20, angle=10)
    sun.set_radius(30)
    sun.fill(Colors.Red)
    with canvas.group():
        box.rotate(-10)
        box.set_x(120)
        box.set_y(70)
        box.rotate(15)
    canvas.background_color(Colors.Cyan)
    canvas.line(0, 0, 9, 9).set_angle(90)
    canvas.stop_animation()
    box.set_x(300)
    canvas.resume_animation()
    box.stroke(Colors.Blue)
    return canvas


def test_defect_44_a_canvas_shows_what_is_on_it() -> None:
    canvas = Canvas(400, 300.5, bgcolor=Colors.Cyan)
    canvas.line(1, 2, 3.25, 4, color=Color(255, 0, 0, 51))
    canvas.circle(50, 60, 20, fill=Colors.Yellow)
    canvas.rectangle(100, 50, 30, 20, angle=45)
    canvas.triangle(100, 50, 30, 20, border=Colors.Blue)

    svg = canvas.to_svg()
    assert ET.fromstring(svg).attrib == {  # noqa: S314 - our own
        "width": "400",
        "height": "300.5",
        "viewBox": "0 0 400 300.5",
    }
    red = {"stroke": "#ff0000", "stroke-opacity": "0.2"}
    black, clear = {"stroke": "#000000"}, {"fill": "#ffffff", "fill-opacity": "0"}
    turned = {"transform": "rotate(45 100 50)"}
    assert [element.attrib for element in elements(svg)] == [
        {"width": "400", "height": "300.5", "fill": "#00ffff"},
        {"x1": "1", "y1": "2", "x2": "3.25", "y2": "4", **red},
        {"cx": "50", "cy": "60", "r": "20", **black, "fill": "#ffff00"},
        {"x": "85", "y": "40", "width": "30", "height": "20", **black, **clear, **turned},
        {"points": "85 60 100 40 115 60", "stroke": "#0000ff", **clear},
    ]
    assert names(svg) == ["rect", "line", "circle", "rect", "polygon"]


def test_defect_44_a_turtle_shows_its_way() -> None:
    canvas = Canvas(100, 100)
    turtle = canvas.create_turtle()
    turtle.forward(10)
    turtle.right(90)
    turtle.forward(20)

    _, first, second, cursor = elements(canvas.to_svg())
    ends = ("x1", "y1", "x2", "y2")
    assert [first.attrib[name] for name in ends] == ["50", "50", "60", "50"]
    assert [second.attrib[name] for name in ends] == ["60", "50", "60", "70"]
    assert cursor.attrib["points"] == "54 79 60 61 66 79"
    assert cursor.attrib["transform"] == "rotate(180 60 70)"


def test_every_movement_ends_in_the_picture_that_stands_still() -> None:
    moving = 0
    for element in elements(starry().to_svg()):
        for name, animation in animations(element).items():
            last = animation.attrib["values"].split(";")[-1]
            last = f"rotate({last})" if name == "transform" else last
            assert last.startswith(element.attrib.get(name, OTHERWISE.get(name, "?")))
            assert animation.attrib["fill"] == "freeze"
            moving += 1
    assert moving > 30


def test_the_times_of_every_movement_are_in_order() -> None:
    durations = set()
    for element in elements(starry().to_svg()):
        for animation in element:
            times = [float(part) for part in animation.attrib["keyTimes"].split(";")]
            assert (times[0], times[-1]) == (0, 1)
            assert times == sorted(times)
            assert len(times) == len(animation.attrib["values"].split(";"))
            durations.add(animation.attrib["dur"])
    assert len(durations) == 1


def test_things_happen_one_after_the_other_and_in_a_group_at_once() -> None:
    canvas = Canvas(100, 100)
    canvas.circle(1, 1, 1)
    with canvas.group():
        canvas.circle(2, 2, 2)
        mover = canvas.rectangle(3, 3, 3, 3)
    mover.set_x(50)

    _, first, second, third = elements(canvas.to_svg())
    assert moving_times(animations(first)["opacity"]) == [0, 0.18]
    assert moving_times(animations(second)["opacity"]) == [0.3, 0.48]
    assert moving_times(animations(third)["opacity"]) == [0.3, 0.48]
    assert moving_times(animations(third)["x"]) == [0.6, 0.78]


def test_a_line_grows_from_where_it_begins() -> None:
    canvas = Canvas(100, 100)
    canvas.line(10, 20, 30, 20)

    _, line = elements(canvas.to_svg())
    assert animations(line)["x2"].attrib["values"].split(";") == ["10", "10", "30", "30"]
    assert "y2" not in animations(line)


def test_without_animation_nothing_moves() -> None:
    canvas = Canvas(100, 100)
    canvas.stop_animation()
    circle = canvas.circle(1, 1, 1)
    canvas.line(0, 0, 1, 1)
    circle.set_x(50)

    assert names(canvas.to_svg()) == ["rect", "circle", "line"]
    assert [len(element) for element in elements(canvas.to_svg())] == [0, 0, 0]
    assert elements(canvas.to_svg())[1].attrib["cx"] == "50"


def test_what_has_moved_comes_to_the_front() -> None:
    canvas = Canvas(100, 100)
    circle = canvas.circle(1, 1, 1)
    canvas.line(0, 0, 1, 1)
    circle.set_x(50)

    assert names(canvas.to_svg()) == ["rect", "line", "circle"]


def test_a_fill_lies_below_the_lines_around_it_and_above_the_rest() -> None:
    canvas = Canvas(100, 100)
    canvas.circle(50, 50, 50)
    turtle = canvas.create_turtle()
    canvas.begin_fill(Color(0, 255, 0, 51))
    for _ in range(3):
        turtle.forward(30)
        turtle.left(120)
    turtle.penup()
    turtle.setpos(-20, -20)
    turtle.pendown()
    turtle.forward(10)
    canvas.end_fill()

    svg = canvas.to_svg()
    assert names(svg) == ["rect", "circle", "path", *["line"] * 4, "polygon"]
    area = elements(svg)[2]
    assert area.attrib["d"] == "M50 50L80 50L65 24.019L50 50Z"
    assert (area.attrib["fill"], area.attrib["fill-opacity"]) == ("#00ff00", "0.2")


def test_a_fill_goes_into_shapes_that_have_none() -> None:
    canvas = Canvas(100, 100)
    canvas.begin_fill(Colors.Red)
    canvas.circle(1, 1, 1)
    canvas.circle(1, 1, 1, fill=Colors.Blue)
    canvas.end_fill()
    canvas.circle(1, 1, 1)

    fills = [element.attrib["fill"] for element in elements(canvas.to_svg())[1:]]
    assert fills == ["#ff0000", "#0000ff", "#ffffff"]


def test_an_animation_of_many_steps_is_not_longer_than_20_seconds() -> None:
    canvas = Canvas(100, 100)
    turtle = canvas.create_turtle()
    for _ in range(200):
        turtle.forward(1)

    durations = {animation.attrib["dur"] for animation in _all(canvas.to_svg())}
    assert durations == {"20s"}


def test_only_what_is_new_moves() -> None:
    scene = Scene()
    line = Line(x1=0, y1=0, x2=9, y2=9, color=Colors.Red)
    scene.play([Begin(100, 100, Colors.White, Colors.Black), Draw(0, line)])
    scene.settle()
    scene.play([Draw(1, line), Change(0, "x1", 5)])

    _, new, old = elements(scene.to_svg())
    assert {"opacity", "x2", "y2"} == set(animations(new))
    assert set(animations(old)) == {"x1"}
    assert moving_times(animations(new)["x2"]) == [0, 0.18]


def _all(svg: str) -> Iterator[ET.Element]:
    for element in elements(svg):
        yield from element
