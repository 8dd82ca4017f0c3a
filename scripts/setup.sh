#!/usr/bin/env bash
# All that ./test sets up, and no test: for continuous integration, whose jobs test what changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case ${1:-} in
-h | --help)
    echo "usage: scripts/setup.sh   the environment, tools, an engine and its base image, as ./test has them"
    exit
    ;;
esac

# shellcheck source=scripts/bootstrap.sh
source scripts/bootstrap.sh
ensure_venv
ensure_compiler
ensure_shellcheck
ensure_browser
ensure_ssh
ensure_ip
ensure_engine
ensure_base_image
