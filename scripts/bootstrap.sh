# shellcheck shell=bash
# Sourced by ./quickstart and ./test: finds or installs what a bare machine lacks.
# Whoever sources it has set -euo pipefail and stands in the clone's directory.

VENV="$PWD/.venv"
ENGINE_LOG="/var/log/polykernel-dockerd.log"
ENGINE_DEADLINE=60

# What this machine has configured for other purposes has no say in what is installed.
unset PIP_FIND_LINKS PIP_NO_INDEX PIP_TARGET PIP_USER PIP_REQUIRE_VIRTUALENV PYTHONPATH PYTHONHOME VIRTUAL_ENV
export PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

can_apt() {
    [[ $EUID -eq 0 ]] && command -v apt-get >/dev/null && grep -qsE '^(ID|ID_LIKE)=.*(debian|ubuntu)' /etc/os-release
}

apt_install() {
    say "installing with apt: $*"
    apt-get -qq update >&2 || say "apt-get update failed; trying with the package lists that are there"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "$@" >&2 \
        || die "apt-get could not install $*; its message is above"
}

usable_python() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null
}

find_python() {
    local candidate
    for candidate in python3 /usr/bin/python3 python3.{13,12,11,10,14}; do
        if command -v "$candidate" >/dev/null && usable_python "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

stamp_of() { { printf '%s\n' "$VENV" && cat "$@"; } | sha256sum; }

is_stamped() { [[ -x $VENV/bin/python && -f $VENV/$1 && $(<"$VENV/$1") == "$2" ]]; }

ensure_venv() {
    local lock project
    lock=$(stamp_of requirements/host.lock)
    project=$(stamp_of pyproject.toml)
    is_stamped lock.stamp "$lock" || install_dependencies "$lock"
    is_stamped project.stamp "$project" && return
    # It warns of nothing but what editable installs are in general.
    PYTHONWARNINGS=ignore "$VENV/bin/python" -m pip install -q --no-deps --no-build-isolation -e . >&2
    printf '%s\n' "$project" >"$VENV/project.stamp"
}

install_dependencies() {
    local python
    if ! python=$(find_python); then
        can_apt || die "Python 3.10 or newer with its venv module is needed: on Debian or Ubuntu, apt-get install python3 python3-venv"
        apt_install python3 python3-venv
        python=$(find_python) || die "this system's Python is older than 3.10; install a newer one and put it on PATH"
    fi
    say "making .venv with $python and the locked dependencies"
    "$python" -m venv --clear "$VENV"
    "$VENV/bin/python" -m pip install -q --only-binary :all: --require-hashes -r requirements/host.lock >&2 \
        || die "the dependencies could not be installed; pip's message is above (is the package index reachable?)"
    printf '%s\n' "$1" >"$VENV/lock.stamp"
}

# The launcher's unit tests compile it with the machine's own compiler.
ensure_compiler() {
    if printf '#include <stdio.h>\n' | gcc -E - >/dev/null 2>&1; then
        return
    fi
    can_apt || die "gcc and the C library's headers are needed: on Debian or Ubuntu, apt-get install gcc libc6-dev"
    apt_install gcc libc6-dev
}

# The environment has it, but not on every kind of machine.
ensure_shellcheck() {
    if [[ -x $VENV/bin/shellcheck ]] || command -v shellcheck >/dev/null; then
        return
    fi
    can_apt || die "shellcheck is needed: on Debian or Ubuntu, apt-get install shellcheck"
    apt_install shellcheck
}

has_browser() { { command -v chromium || command -v google-chrome; } && command -v chromedriver; } >/dev/null

# Integration tests look at apps with it.
ensure_browser() {
    local needed="Chromium (or Chrome) and a chromedriver of its version are needed on PATH"
    has_browser && return
    can_apt || die "$needed: on Debian, apt-get install chromium chromium-driver"
    # Ubuntu's package of that name only asks for a snap.
    grep -qs '^ID=ubuntu' /etc/os-release && die "$needed; Ubuntu has no packages of them"
    apt_install chromium chromium-driver
}

# Integration tests log in with it.
ensure_ssh() {
    command -v sftp >/dev/null && return
    can_apt || die "OpenSSH's client is needed: on Debian or Ubuntu, apt-get install openssh-client"
    apt_install openssh-client
}

# Integration tests give another engine a network of its own with it.
ensure_ip() {
    if [[ $EUID -ne 0 ]] || command -v ip >/dev/null; then
        return
    fi
    can_apt || die "iproute2's ip is needed: on Debian or Ubuntu, apt-get install iproute2"
    apt_install iproute2
}

engine_answers() { "$VENV/bin/python" -m polykernel_builder engine; }

# An engine that was killed leaves its numbers behind; once another process has such a number, the
# next engine takes it for a living one and does not start.
forget_dead_engine() {
    local name
    for name in dockerd containerd; do
        ! grep -qsx "$name" /proc/[0-9]*/comm || return 0
    done
    rm -f /run/docker.pid /run/docker/containerd/containerd.pid
}

start_engine() {
    local host dockerd='' deadline=$((SECONDS + ENGINE_DEADLINE))
    if [[ -d /run/systemd/system ]]; then
        say "starting the Docker engine with systemctl"
        systemctl start docker || die "systemctl start docker failed; see: journalctl -u docker"
    else
        say "starting dockerd (log: $ENGINE_LOG)"
        forget_dead_engine
        setsid dockerd >"$ENGINE_LOG" 2>&1 </dev/null &
        dockerd=$!
    fi
    until host=$(engine_answers 2>/dev/null); do
        if [[ -n $dockerd ]] && ! kill -0 "$dockerd" 2>/dev/null; then
            tail -n 15 "$ENGINE_LOG" >&2
            die "dockerd has ended; its last lines are above"
        elif ((SECONDS > deadline)); then
            [[ -z $dockerd ]] || tail -n 15 "$ENGINE_LOG" >&2
            die "the Docker engine did not answer within $ENGINE_DEADLINE s"
        fi
        sleep 0.2
    done
    export DOCKER_HOST=$host
}

ensure_engine() {
    local host
    if host=$(engine_answers 2>/dev/null); then
        export DOCKER_HOST=$host
        return
    fi
    if [[ -n ${DOCKER_HOST:-} || $EUID -ne 0 ]]; then
        engine_answers || die "no Docker engine is to be had: start one, or run this as root on Debian or Ubuntu to have it installed"
    fi
    if ! command -v dockerd >/dev/null; then
        can_apt || die "a Docker engine is needed: install one (https://docs.docker.com/engine/install/) and start it"
        apt_install docker.io apparmor ca-certificates iptables
    fi
    # Debian's package starts the engine itself where there is an init to do it.
    if host=$(engine_answers 2>/dev/null); then
        export DOCKER_HOST=$host
    else
        start_engine
    fi
}

# mmdebstrap is installed only where the image can be neither found nor pulled.
ensure_base_image() {
    local builder=("$VENV/bin/python" -m polykernel_builder)
    if ! command -v mmdebstrap >/dev/null && can_apt; then
        "${builder[@]}" base --no-make 2>/dev/null && return
        apt_install mmdebstrap debian-archive-keyring
        "${builder[@]}" base --no-pull
    else
        "${builder[@]}" base
    fi
}
