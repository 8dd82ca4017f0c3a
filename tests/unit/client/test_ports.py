"""Which ports an image's label gives to its apps, and where they are reached."""

from __future__ import annotations

import pytest

from polykernel import OptionError
from polykernel.ports import BUILT_IN, Published, service_ports, wanted


@pytest.mark.parametrize(
    ("label", "found"),
    [
        ("", {}),
        ("jupyter:http:8080", {"jupyter": (8080,)}),
        ("jupyter-lab:http:8090,ipython:pty:3000", {"jupyter-lab": (8090,), "ipython": (3000,)}),
        ("a:tcp:[1025,1026],b:preopen:1027", {"a": (1025, 1026), "b": (1027,)}),
        ("sshd:tcp:2222", {"sshd": (2222,)}),
    ],
)
def test_the_label_of_backend_ai_is_read(label: str, found: dict[str, tuple[int, ...]]) -> None:
    assert service_ports(label) == {**BUILT_IN, **found}


def test_services_that_the_image_lacks_are_refused() -> None:
    known = {"b": (2,), "a": (1, 3)}
    assert wanted(["a", "b"], known, "polykernel/x") == (1, 3, 2)
    with pytest.raises(OptionError, match="polykernel/x has no service 'c'; it has a, b"):
        wanted(["c"], known, "polykernel/x")


def test_a_service_is_reached_only_where_its_port_was_published() -> None:
    published = Published(ports={8080: 32768}, services={"web": (8080,), "other": (8081,)})
    assert published.address("web") == ("127.0.0.1", 32768)
    assert published.address("other") is None
    assert published.address("unknown") is None
