#!/usr/bin/env bash
# Checks everything: lint, types, import contracts, tests. A fresh machine needs Python >= 3.11 or uv, and the network once.
# The tests of PyTorch need 5 GB of it: `nox -s torch`.
#
#   ./scripts/run_tests.sh                     all of it
#   ./scripts/run_tests.sh tests/domain -k blur     arguments go to pytest
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
./scripts/environment.sh dev || exit 1

.venv/bin/python -m nox --non-interactive -s ruff types imports
checks=$?
.venv/bin/python -m pytest "$@"
tests=$?
if [ "$checks" -ne 0 ]; then
    echo "run_tests: lint, types or import contracts failed: see above the tests." >&2
fi
exit $((checks != 0 ? checks : tests))
