#!/usr/bin/env bash
# Checks everything: lint, types, import contracts, tests. A fresh machine needs Python >= 3.11 or uv, and the network once.
#
#   ./scripts/run_tests.sh                     all of it, as CI does
#   ./scripts/run_tests.sh tests/domain -k blur     arguments go to pytest
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
./scripts/environment.sh dev || exit 1

.venv/bin/python -m nox --non-interactive -s ruff types imports
checks=$?
networks=0
if [ "$#" -eq 0 ]; then  # before the others, whose closing line is the one to be read
    .venv/bin/python -m nox --non-interactive -s torch
    networks=$?
fi
.venv/bin/python -m pytest "$@"
tests=$?
if [ "$checks" -ne 0 ]; then
    echo "run_tests: lint, types or import contracts failed: see above the tests." >&2
fi
if [ "$networks" -ne 0 ]; then
    echo "run_tests: the tests that need PyTorch failed: see above the others." >&2
fi
exit $((checks != 0 ? checks : networks != 0 ? networks : tests))
