#!/bin/sh
# What sshd starts for who logs in. It has cleared the environment, and takes for the user's home
# a directory of its own, where the kernel's environment is written down.
set -eu
# shellcheck source=/dev/null
. "$HOME/environment"
cd
exec /bin/bash "$@"
