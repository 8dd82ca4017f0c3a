"""What a program finds in its kernel when it looks around: a text that two kernels have alike.

Numbers that the system chooses (processes, inodes, the private directory's name) and times are
left out of it.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from polykernel import Limits

if TYPE_CHECKING:
    from polykernel import Kernel

# Only builtins where processes are listed: a helper would be one of them. `find` goes down trees
# of any depth; of a tree nobody needs more than its beginning.
_LOOK = r"""
exec 2>&1
list_processes() {
    for directory in /proc/[0-9]*; do
        name= state= uid=
        while read -r key value rest; do
            case $key in
            Name:) name=$value ;;
            State:) state=$value ;;
            Uid:) uid=$value ;;
            esac
        done <"$directory/status" || continue
        [ "$state" = Z ] || state=
        echo "process $name $uid $state"
    done
}
list_mounts() {
    while read -r _ _ _ _ point options _; do
        echo "mount $point $options"
    done </proc/self/mountinfo
}
list_descriptors() {
    for fd in 0 1 2 3 4 5 6 7 8 9; do
        [ -e "/proc/$$/fd/$fd" ] && echo "descriptor $fd $(readlink "/proc/$$/fd/$fd")"
    done
}
list_processes
list_mounts
list_descriptors
env
echo "umask $(umask)"
cat /proc/self/limits /proc/self/oom_score_adj
grep -E '^(SigBlk|SigIgn|Cap|NoNew|Seccomp|Groups|CoreDumping|THP)' /proc/self/status
cat /proc/sysvipc/shm /proc/sysvipc/msg /proc/sysvipc/sem
python3 -I -c '
import os
for place in ("/home/work", "/tmp", "/var/tmp", "/dev/shm"):
    print("attributes", place, os.listxattr(place))
'
find /home/work /tmp /var/tmp /dev/shm /dev/mqueue \
    \( -type d -printf 'file %H %d %f %y %m %U:%G\n' \) \
    -o -printf 'file %H %d %f %y %m %U:%G %s links=%n %l\n' | head -c 300000
"""
_SCRIPT = "look.sh"
_VARYING = (
    (re.compile(r"polykernel-[0-9a-f]{6,}"), "polykernel-*"),
    (re.compile(r"(pipe|socket|anon_inode):\[\d+\]"), r"\1"),
    (re.compile(r"(HOSTNAME=|/proc/)[0-9a-f]+"), r"\1"),
)
_MOST_SHOWN = 30


async def find(kernel: Kernel) -> list[str]:
    """Return how a job ended that looks around, and behind that what it found, in order."""
    result = await kernel.run(
        {_SCRIPT: _LOOK},
        build=False,
        exec=f"sh {_SCRIPT}",
        stdin="",
        limits=Limits(wall_time=30),
    )
    text = result.stdout.decode("utf-8", "backslashreplace")
    for pattern, replacement in _VARYING:
        text = pattern.sub(replacement, text)
    ending = f"{result.verdict} {result.exit_code} ({result.reason})"
    return [ending, *sorted(text.splitlines())]


def difference(found: list[str], expected: list[str]) -> list[str]:
    """Return the lines that only one of them has, marked with + for `found` and - for the other."""
    lines = difflib.unified_diff(expected, found, lineterm="", n=0)
    changed = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    if len(changed) > _MOST_SHOWN:
        return [*changed[:_MOST_SHOWN], f"and {len(changed) - _MOST_SHOWN} more"]
    return changed
