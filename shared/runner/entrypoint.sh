#!/bin/sh
# What every image starts with. It prepares the user's account, where it is root, runs the image's
# own hook, and leaves the rest to the runner, which gives user code the user's uid itself.
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

run_hook() {
    # Its arguments and options are its own, and a command of it that fails is its own business.
    set +eu
    # shellcheck source=/dev/null
    . "$hook"
    set -eu
}

if [ "$uid:$gid" != 1000:1000 ] && [ "$(id -u)" = 0 ] && [ -w /etc/passwd ]; then
    renumber 2>/dev/null || echo "polykernel: 'work' keeps its number in /etc/passwd" >&2
fi
hook=/opt/container/bootstrap.sh
if [ -r "$hook" ]; then
    run_hook
fi

exec /opt/polykernel/env/bin/python -I -S /opt/polykernel/start.py "$@"
