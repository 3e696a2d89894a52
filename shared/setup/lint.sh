#!/bin/sh
# Check what is no Python: Dockerfiles, the compose file, the workflow, YAML, shell scripts, prose.
#
# Every checker is a package of the extra `test` with its program in it: no engine and no network is needed.
# Left alone are starters, which are the learner's, and mutants and attacks, which are wrong on purpose.
set -eu
cd "$(dirname "$0")/../.."
PATH=$PWD/.venv/bin:$PATH

# A pattern without a file stays a pattern, and the checker then says that there is no such file.
echo "hadolint: Dockerfiles"
hadolint exercise-*/Dockerfile exercise-*/solution/Dockerfile

echo "check-jsonschema: compose file and workflow"
check-jsonschema --quiet --builtin-schema vendor.compose-spec docker-compose.yml
check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml

echo "yamllint"
find . \( -name '.venv*' -o -name .git -o -name starter -o -name mutants -o -name hostile \) -prune -o \
    \( -name '*.yml' -o -name '*.yaml' \) -print0 |
    xargs -0 yamllint --strict --config-file shared/setup/yamllint.yml

echo "prose: one sentence a line"
python -m servelab.dev.prose README.md CONTRIBUTING.md SECURITY.md

echo "shellcheck"
find .ci shared -name .venv -prune -o \( -name '*.sh' -o -path .ci/run \) -print0 | xargs -0 shellcheck
