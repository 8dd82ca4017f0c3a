#!/bin/sh
# Go with what no variable of its own can say: to take the standard library that the image has
# compiled, and to keep no count of its use in the user's home.
export GODEBUG="installgoroot=all${GODEBUG:+,$GODEBUG}"
export GOENV="${GOENV:-${XDG_CONFIG_HOME:-${HOME:-/nowhere}/.config}/go/env}"
export XDG_CONFIG_HOME=/opt/polykernel/go/config
exec /usr/lib/go-1.24/bin/go "$@"
