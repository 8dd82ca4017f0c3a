#!/bin/sh
# add-suite SUITE [PACKAGE...]: adds another suite of Debian, from where this system's own packages come.
# What both have is taken from this system's. With PACKAGEs, those are all that is taken from SUITE.
set -eu
suite=$1
shift
own=$(sed -n s/^VERSION_CODENAME=//p /etc/os-release)
lists=/etc/apt/sources.list.d

# A mirror may keep a suite as it was, for longer than its makers vouch for what they signed.
for file in /etc/apt/sources.list "$lists"/*.list; do
    [ ! -f "$file" ] || sed -nE "
        s/^(deb .*[[:space:]])$own([[:space:]].*)/\1$suite\2/
        T
        s/^deb[[:space:]]+\[/&check-valid-until=no /
        t print
        s/^deb/& [check-valid-until=no]/
        :print
        p" "$file"
done >"/tmp/$suite.list"
for file in "$lists"/*.sources; do
    [ ! -f "$file" ] || awk -v own="$own" -v suite="$suite" '
        BEGIN { RS = ""; ORS = "\n\n" }
        $0 ~ "(^|\n)Suites:([^\n]*[ \t])?" own "([ \t\n]|$)" {
            sub(/Suites:[^\n]*/, "Suites: " suite "\nCheck-Valid-Until: no")
            print
        }' "$file"
done >"/tmp/$suite.sources"

for kind in list sources; do
    [ ! -s "/tmp/$suite.$kind" ] || cp "/tmp/$suite.$kind" "$lists/"
    rm "/tmp/$suite.$kind"
done
if [ ! -e "$lists/$suite.list" ] && [ ! -e "$lists/$suite.sources" ]; then
    echo "no source of $own is in /etc/apt to take $suite from" >&2
    exit 1
fi

pin() {
    printf 'Package: %s\nPin: release n=%s\nPin-Priority: %s\n\n' "$1" "$suite" "$2"
}
if [ $# -eq 0 ]; then
    pin '*' 100
else
    pin "$*" 100
    pin '*' -1
fi >"/etc/apt/preferences.d/$suite"
