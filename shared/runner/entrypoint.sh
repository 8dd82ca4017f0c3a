#!/bin/sh
# What every image starts with. As root it prepares the user's account, runs the image's own hook,
# and leaves the rest to the runner, which gives user code the user's uid itself.
set -eu

uid=${LOCAL_USER_ID:-1000}
gid=${LOCAL_GROUP_ID:-$uid}
export LOCAL_USER_ID="$uid" LOCAL_GROUP_ID="$gid"

renumber() {
    # One line of passwd and one of group, in place: both files may be all that root can write.
    passwd=$(sed "s|^work:x:[0-9]*:[0-9]*:|work:x:$uid:$gid:|" /etc/passwd)
    group=$(sed "s|^work:x:[0-9]*:|work:x:$gid:|" /etc/group)
    printf '%s\n' "$passwd" >/etc/passwd
    printf '%s\n' "$group" >/etc/group
    chown "$uid:$gid" /home/work
}

if [ "$(id -u)" = 0 ]; then
    if [ "$uid:$gid" != 1000:1000 ] && [ -w /etc/passwd ]; then
        renumber 2>/dev/null || echo "polykernel: 'work' keeps its number in /etc/passwd" >&2
    fi
    if [ -e /opt/container/bootstrap.sh ]; then
        # shellcheck source=/dev/null
        . /opt/container/bootstrap.sh
    fi
fi

exec /opt/polykernel/env/bin/python -I -m polykernel_runner "$@"
