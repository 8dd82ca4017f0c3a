"""Whatever a program leaves in the file system, the next job finds none of it and is not misled."""

from __future__ import annotations

import pytest

from driving.hostile import ROOMY, victim

# What each of these leaves is left in all places where a program may write.
PLACES = "PLACES = ('/home/work', '/tmp', '/var/tmp', '/dev/shm')\n"
LEAVES = {
    "pth": """
import os, site
directory = site.getusersitepackages()
os.makedirs(directory)
for name, text in {
    "hostile.pth": "import sys; sys.stdout.write('MARK')",
    "usercustomize.py": "print('MARK')",
    "sitecustomize.py": "print('MARK')",
}.items():
    with open(f"{directory}/{name}", "w") as file:
        file.write(text)
os.chmod("/home/work", 0o311)
""",
    "modules": """
for place in PLACES:
    for name in ("os.py", "random.py", "honest.py", "python3"):
        with open(f"{place}/{name}", "w") as file:
            file.write("#!/bin/sh\\nprint('MARK')\\n")
""",
    "many-in-one": """
import os
os.mkdir("/tmp/many")
for n in range(50_000):
    os.close(os.open(f"/tmp/many/{n}", os.O_CREAT))
""",
    "many-nested": """
import os
for n in range(250):
    directory = f"/home/work/many/{n}/below/{n}"
    os.makedirs(directory)
    for file in range(100):
        os.close(os.open(f"{directory}/{file}", os.O_CREAT))
""",
    "names": """
import os
NAMES = (b"a\\nb", b"\\xff\\xfe\\x80", b"x" * 255, b"-rf", b"--", b" ", b" a b ", b"$(id)", b"*",
         b"\\x01\\x1b[31m", "\\u202egnp.exe".encode(), b"'\\"`", b"\\\\", b"...", b"look.sh~")
for place in PLACES:
    for name in NAMES:
        os.close(os.open(os.path.join(place.encode(), name), os.O_CREAT))
        os.makedirs(os.path.join(place.encode(), b"d" + name[:200], name))
""",
    "kinds": """
import os, socket
for place in PLACES:
    os.mkfifo(f"{place}/fifo")
    with socket.socket(socket.AF_UNIX) as item:
        item.bind(f"{place}/socket")
    os.symlink("/etc", f"{place}/link-to-etc")
    os.symlink("/proc/self/fd/1", f"{place}/link-to-output")
    os.symlink("loop-2", f"{place}/loop-1")
    os.symlink("loop-1", f"{place}/loop-2")
    os.symlink(".", f"{place}/here")
    with open(f"{place}/file", "w") as file:
        file.write("left")
    for n in range(20):
        os.link(f"{place}/file", f"{place}/hard-{n}")
    with open(f"{place}/sparse", "w") as file:
        file.truncate(1 << 40)
""",
    "times": """
import os
for place in PLACES:
    for name, when in {"old": 0, "new": 4_102_444_800, "older": -1}.items():
        os.mkdir(f"{place}/{name}")
        os.utime(f"{place}/{name}", (when, when))
os.utime("/home/work", (0, 0))
""",
    "modes": """
import os
for place in PLACES:
    for mode in (0, 0o111, 0o1777, 0o2777, 0o3000, 0o6555):
        os.makedirs(f"{place}/{mode:o}/inside")
        with open(f"{place}/{mode:o}/inside/file", "w") as file:
            file.write("left")
        os.chmod(f"{place}/{mode:o}/inside/file", 0)
        os.chmod(f"{place}/{mode:o}/inside", mode)
        os.chmod(f"{place}/{mode:o}", mode)
""",
    "homes": """
import os
for name in (".bashrc", ".profile", ".bash_profile", ".npmrc", ".gitconfig", ".Rprofile",
             ".inputrc", ".cargo/config.toml", ".m2/settings.xml", ".config/pip/pip.conf",
             ".ssh/authorized_keys", ".local/bin/python3", ".ipython/profile_default/startup/a.py"):
    os.makedirs(os.path.dirname(f"/home/work/{name}"), exist_ok=True)
    with open(f"/home/work/{name}", "w") as file:
        file.write("echo MARK\\n")
    os.chmod(f"/home/work/{name}", 0o755)
""",
    "attributes": """
import os, struct
# To all files that will be made there: nobody may do anything with them.
entries = ((1, 0), (4, 0), (32, 0))
acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry, 0xFFFFFFFF) for entry in entries)
for name, value in {"user.left": b"left", "system.posix_acl_default": acl}.items():
    try:
        os.setxattr("/home/work", name, value)
    except OSError as error:
        print(error)
""",
    "closed-home": """
import os
os.chmod("/home/work", 0)
""",
    "private-is-file": """
import os, shutil
private = os.path.dirname(os.environ["POLYKERNEL_MEDIA"])
try:
    os.rename(private, "/tmp/moved")
    with open(private, "w") as file:
        file.write("in its place")
except OSError as error:
    print(error)
""",
    "private-is-link": """
import os, shutil
private = os.path.dirname(os.environ["POLYKERNEL_MEDIA"])
try:
    shutil.rmtree(private, ignore_errors=True)
    os.mkdir("/tmp/mine")
    os.symlink("/tmp/mine", private)
except OSError as error:
    print(error)
""",
    "private-closed": """
import glob, os
for path in glob.glob("/tmp/polykernel-*"):
    for directory, names, files in os.walk(path, topdown=False):
        try:
            os.chmod(directory, 0)
        except OSError as error:
            print(error)
""",
    "media-is-file": """
import os
media = os.environ["POLYKERNEL_MEDIA"]
try:
    os.rmdir(media)
    with open(media, "w") as file:
        file.write("in its place")
except OSError as error:
    print(error)
""",
}


@pytest.mark.parametrize("lang", ["python"])
@pytest.mark.parametrize("name", LEAVES)
async def test_the_next_job_finds_nothing(lang: str, name: str) -> None:
    async with victim(lang, memory=ROOMY) as it:
        await it.attack({"main.py": PLACES + LEAVES[name]}, verdicts=["ok"])
        await it.recovers()


DEEP = r"""
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
/* A directory in a directory, and in the last of them a file. */
int main(int argc, char **argv) {
    if (argc < 3 || chdir(argv[1])) return 1;
    for (int left = atoi(argv[2]); left; left--)
        if (mkdir("d", 0700) || chdir("d")) return perror("d"), 2;
    return close(creat("left", 0)) ? 3 : 0;
}
"""


@pytest.mark.parametrize("lang", ["c"])
@pytest.mark.parametrize("depth", [1_500, 30_000])
async def test_a_tree_of_any_depth_goes(lang: str, depth: int) -> None:
    async with victim(lang, memory=ROOMY) as it:
        await it.attack({"main.c": DEEP}, args=["/home/work", str(depth)], verdicts=["ok"])
        await it.attack({"main.c": DEEP}, args=["/tmp", str(depth)], verdicts=["ok"])
        await it.recovers()


SHELL = r"""
private=$(dirname "$POLYKERNEL_MEDIA")
for place in /home/work /tmp /var/tmp /dev/shm; do
    mkfifo "$place/fifo" && ln -s /etc "$place/link" && ln -s loop "$place/loop"
    mkdir "$place/closed" && echo left >"$place/closed/file" && chmod 0 "$place/closed"
    touch "$place/-rf" "$place/two
lines"
done
mv "$private" /tmp/moved 2>/dev/null
ln -s /home/work "$private" 2>/dev/null
chmod 0 /home/work
exit 0
"""


@pytest.mark.parametrize("lang", ["bash"])
async def test_what_a_shell_script_leaves_goes_too(lang: str) -> None:
    async with victim(lang) as it:
        await it.attack({"main.sh": SHELL}, verdicts=["ok"])
        await it.recovers()


SWAPS = """
import ctypes, os, threading
libc = ctypes.CDLL(None, use_errno=True)
os.makedirs("/var/tmp/victim", exist_ok=True)
os.makedirs("/home/work/place", exist_ok=True)
os.symlink("/var/tmp/victim", "/home/work/other")
EXCHANGE = 2
def swap():
    while True:
        libc.renameat2(-100, b"/home/work/place", -100, b"/home/work/other", EXCHANGE)
for _ in range(2):
    threading.Thread(target=swap, daemon=True).start()
"""
# How often files are written while a session swaps a directory for a link.
ATTEMPTS = 100


@pytest.mark.parametrize("lang", ["python"])
async def test_no_file_is_written_through_a_link_that_a_session_swaps_in(lang: str) -> None:
    look = "import glob\nprint(glob.glob('/var/tmp/victim/*'))"
    async with victim(lang) as it:
        await it.attack_session(SWAPS, verdicts=["ok"])
        runs = [
            it.kernel.run({f"place/{n}.txt": "x"}, build=False, exec=False, keep=True)
            for n in range(ATTEMPTS)
        ]
        verdicts = {(await run).verdict for run in runs}
        found = await it.kernel.query(look)
        await it.kernel.reset()
        await it.answers_right()

    assert verdicts <= {"ok", "skipped", "refused"}
    assert found.text == "[]\n"


CARGO = r"""
use std::{fs, os::unix::fs::PermissionsExt};
fn main() {
    let wrapper = "/tmp/wrapper";
    fs::write(wrapper, "#!/bin/sh\necho MARK >&2\nexec \"$@\"\n").unwrap();
    fs::set_permissions(wrapper, fs::Permissions::from_mode(0o755)).unwrap();
    let config = "[build]\nrustc-wrapper = \"/tmp/wrapper\"\n";
    for home in ["/tmp/cargo", "/home/work/.cargo", "/tmp/.cargo"] {
        let _ = fs::create_dir_all(home);
        let _ = fs::write(format!("{home}/config.toml"), config);
    }
}
"""


@pytest.mark.parametrize("lang", ["rust"])
async def test_cargo_is_not_told_what_to_run_by_the_job_before(lang: str) -> None:
    async with victim(lang) as it:
        await it.attack({"main.rs": CARGO}, verdicts=["ok"])
        await it.answers_right()
        look = "cat /tmp/cargo/config* /home/work/.cargo/* /tmp/.cargo/*; ls -d /tmp/wrapper"
        found = await it.kernel.run({"empty": ""}, build=False, exec=look)

    assert found.text == ""


GO = r"""
package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Spoils what the compiler remembers, and tells it what to do.
func main() {
	filepath.WalkDir(os.Args[1], func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, "-d") {
			data, _ := os.ReadFile(path)
			for n := range data {
				data[n] ^= 0x55
			}
			os.Chmod(path, 0o600)
			os.WriteFile(path, data, 0o600)
		}
		return nil
	})
	os.MkdirAll("/home/work/.config/go", 0o755)
	os.WriteFile("/home/work/.config/go/env", []byte("CC=/tmp/evil\nGOFLAGS=-nonsense\n"), 0o644)
}
"""


@pytest.mark.parametrize("lang", ["golang"])
async def test_go_remembers_nothing_wrong_of_the_job_before(lang: str) -> None:
    async with victim(lang, memory="512m") as it:
        await it.answers_right()  # now there is something to spoil
        await it.attack({"main.go": GO}, args=["/tmp/go-build"], verdicts=["ok"])
        await it.answers_right()
        found = await it.kernel.run({"empty": ""}, build=False, exec="cat .config/go/env")

    assert found.text == ""
