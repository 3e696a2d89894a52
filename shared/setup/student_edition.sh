#!/bin/sh
# Write student-edition.tar.gz: the last commit without what a student should not see.
set -eu
cd "$(dirname "$0")/../.."

git rev-parse --verify --quiet HEAD >/dev/null || {
    echo "student-edition: this is no git repository with a commit, and the edition is made from the last one" >&2
    exit 2
}
git archive --format=tar.gz --prefix=student-edition/ --output=student-edition.tar.gz HEAD -- . \
    ':(exclude,glob)exercise-*/solution/**' \
    ':(exclude,glob)exercise-*/COMMENTARY.md' \
    ':(exclude,glob)exercise-*/mutants/**' \
    ':(exclude,glob)exercise-*/hostile/**' \
    ':(exclude)shared/tests' ':(exclude).ci' ':(exclude).github'
echo "student-edition: wrote student-edition.tar.gz"
