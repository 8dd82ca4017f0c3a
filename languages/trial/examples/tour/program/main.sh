set -eu
. ./greet.sh

printf 'What is your name? '
read -r name
for _ in $(seq "$1"); do
    greet "$name"
done
