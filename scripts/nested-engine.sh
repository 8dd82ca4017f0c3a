#!/usr/bin/env bash
# Makes a privileged container fit for a Docker engine of its own, which scripts/setup.sh then starts.
set -euo pipefail

case ${1:-} in
-h | --help | '')
    echo "usage: scripts/nested-engine.sh DIRECTORY   where the engine keeps its images; not on an overlay file system"
    exit
    ;;
esac

# On the container's own file system, an overlay, the engine could only copy whole layers.
mkdir -p "$1" /etc/docker
printf '{"data-root": "%s"}\n' "$1" >/etc/docker/daemon.json

# The kernel lets a group with processes in it have no groups below it with limits, and the container's
# processes are all in its topmost one: they move aside, as they do in the image docker:dind.
group=/sys/fs/cgroup
[[ -f $group/cgroup.controllers ]] || exit 0
mkdir -p "$group/init"
read -ra controllers <"$group/cgroup.controllers"
for _ in {1..20}; do
    # Some end, and some begin, while they are moved.
    while read -r process; do
        echo "$process" >"$group/init/cgroup.procs" || true
    done 2>/dev/null <"$group/cgroup.procs"
    if echo "${controllers[@]/#/+}" 2>/dev/null >"$group/cgroup.subtree_control"; then
        exit 0
    fi
done
echo "error: $group: processes keep starting in the topmost group; run this before all else" >&2
exit 1
