printf 'What is your name? '
read -r name
printf 'And your address? '
read -r address

rm -rf tour
git init --quiet tour
cd tour
git config user.name "$name"
git config user.email "$address"

record() {
    echo "$1" >>notes
    git add notes
    git commit --quiet --message "$1"
}

record 'Begin'
git switch --quiet --create größer
record 'Make it größer ≥ before'
git switch --quiet main
git commit --quiet --allow-empty --message 'Add a plan'
git merge --quiet --no-ff größer --no-edit
git tag v1.0
git log --first-parent --format='* %s' | sed "1s/\$/ by $name <$address>/"

cd ..
%show graph tour
