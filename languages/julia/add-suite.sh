#!/bin/sh
# add-suite.sh SUITE: adds another suite of Debian, from where this system's own packages come.
# What both have is taken from this system's.
set -eu
suite=$1
own=$(sed -n s/^VERSION_CODENAME=//p /etc/os-release)
lists=/etc/apt/sources.list.d

for file in /etc/apt/sources.list "$lists"/*.list; do
    [ ! -f "$file" ] || sed -nE "s/^(deb .*[[:space:]])$own([[:space:]].*)/\1$suite\2/p" "$file"
done >"/tmp/$suite.list"
for file in "$lists"/*.sources; do
    [ ! -f "$file" ] || awk -v own="$own" -v suite="$suite" '
        BEGIN { RS = ""; ORS = "\n\n" }
        $0 ~ "(^|\n)Suites:([^\n]*[ \t])?" own "([ \t\n]|$)" {
            sub(/Suites:[^\n]*/, "Suites: " suite)
            print
        }' "$file"
done >"/tmp/$suite.sources"

for kind in list sources; do
    [ ! -s "/tmp/$suite.$kind" ] || mv "/tmp/$suite.$kind" "$lists/"
done
if [ ! -e "$lists/$suite.list" ] && [ ! -e "$lists/$suite.sources" ]; then
    echo "no source of $own is in /etc/apt to take $suite from" >&2
    exit 1
fi
printf 'Package: *\nPin: release n=%s\nPin-Priority: 100\n' "$suite" >"/etc/apt/preferences.d/$suite"
