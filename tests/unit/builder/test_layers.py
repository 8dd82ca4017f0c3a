from __future__ import annotations

import hashlib
import io
import json
from typing import Any

from polykernel_builder.layers import Entry
from polykernel_builder.saved_image import read_archive
from polykernel_builder.size_report import largest
from support.archives import Made, image, layer


def test_an_entry_has_all_that_can_differ() -> None:
    attributes = {"security.capability": "x"}
    made = Made(content=b"hello", mode=0o755, uid=7, mtime=9, xattrs=attributes)
    found = image([{"./usr/bin/hello": made}])

    (entry,) = found.layers[0].entries
    assert entry == Entry(
        path="/usr/bin/hello",
        kind="file",
        mode=0o755,
        uid=7,
        gid=0,
        size=5,
        mtime=9,
        digest=hashlib.sha256(b"hello").hexdigest(),
        xattrs=(("security.capability", "x"),),
    )


def test_links_say_where_they_lead_and_count_nothing() -> None:
    (found,) = image([{"a": b"12", "b": Made(symlink="../a"), "c": Made(hard_link="a")}]).layers

    a, b, c = found.entries
    assert (b.kind, b.link, b.digest) == ("symlink", "../a", "")
    assert (c.kind, c.link, c.digest) == ("hard link", "/a", a.digest)
    assert found.size == 2


def test_layers_have_the_instructions_that_made_them() -> None:
    history: list[dict[str, Any]] = [
        {"created_by": "/bin/sh -c #(nop) COPY dir:0 in / "},
        {"created_by": "/bin/sh -c #(nop)  ENV A=1", "empty_layer": True},
        {"created_by": "/bin/sh -c make     && make install"},
        {"created_by": "RUN /bin/sh -c true # buildkit"},
    ]
    found = image([{}, {"a": b""}, {}], history=history)

    commands = [each.command for each in found.layers]
    assert commands == ["COPY dir:0 in /", "RUN make && make install", "RUN true"]


def test_the_file_system_is_what_the_layers_come_to() -> None:
    found = image(
        [
            {
                "etc": Made(),
                "etc/a": b"1",
                "etc/b": b"1",
                "old": Made(),
                "old/x": b"",
                "old/y": b"",
            },
            {"etc/a": b"22", "etc/.wh.b": b"", "old/.wh..wh..opq": b"", "old/z": b""},
        ]
    )
    files = found.files()

    assert set(files) == {"/etc", "/etc/a", "/old", "/old/z"}
    assert files["/etc/a"].size == 2


def test_what_lay_below_a_removed_or_replaced_directory_is_gone() -> None:
    below: dict[str, Made | bytes] = {
        "a": Made(),
        "a/b": Made(),
        "a/b/c": b"",
        "d": Made(),
        "d/e": b"",
        "ab": b"",
    }
    files = image([below, {".wh.a": b"", "d": Made(symlink="ab")}]).files()

    assert set(files) == {"/ab", "/d"}


def test_the_layout_of_newer_engines_is_read_too() -> None:
    documents = {
        "index.json": {},
        "blobs/sha256/c": {"config": {"Env": ["A=1"]}, "history": [{"created_by": "x"}]},
        "manifest.json": [{"Config": "blobs/sha256/c", "Layers": ["blobs/sha256/l"]}],
    }
    files = {name: json.dumps(value).encode() for name, value in documents.items()}
    found = read_archive(io.BytesIO(layer({"blobs/sha256/l": layer({"a": b"1"}), **files})))

    assert set(found.files()) == {"/a"}
    assert found.config.settings == {"Env": '["A=1"]'}


def test_a_layer_that_is_there_twice_is_saved_once() -> None:
    names = ["0/layer.tar", "1/layer.tar"]
    documents = {"c.json": {}, "manifest.json": [{"Config": "c.json", "Layers": names}]}
    again = Made(symlink="../0/layer.tar")
    files = {name: json.dumps(value).encode() for name, value in documents.items()}
    found = read_archive(
        io.BytesIO(layer({names[0]: layer({"a": b"1"}), names[1]: again, **files}))
    )

    assert [each.size for each in found.layers] == [1, 1]


def test_an_archive_is_read_as_it_comes() -> None:
    class Stream(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation

    files = {"c.json": b"{}", "manifest.json": b'[{"Config": "c.json", "Layers": ["l"]}]'}
    stream = Stream(layer({"l": layer({"a": b"x" * 3_000_000}), **files}))

    assert read_archive(stream).layers[0].size == 3_000_000


def test_the_largest_directories_of_a_layer_are_found() -> None:
    big, small = b"x" * 2_000_000, b"x" * 100_000
    content = {
        "usr/lib/gcc/14/cc1": big,
        "usr/lib/gcc/plugin": big,
        "usr/bin/gcc": small,
        "etc/passwd": b"x",
    }
    (found,) = image([content]).layers

    assert largest(found) == ["/usr/lib/gcc 4.0 MB", "/usr/bin 0.1 MB"]
