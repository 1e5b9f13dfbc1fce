#!/usr/bin/env bash
# Shows training runs and registered models in a browser: http://127.0.0.1:5000. A fresh machine needs Python >= 3.11
# or uv, and the network once.
#
#   ./scripts/start_mlflow_tracker.sh [--port 5001 ...]      arguments go to `mlflow server`
#   MLFLOW_HOST=... MLFLOW_PORT=... ./scripts/start_mlflow_tracker.sh
#
# It serves the SQLite file and the folder that trainings on this machine write without any server, at the same time.
# Trainings may also go through it: MLFLOW_TRACKING_URI=http://127.0.0.1:5000. On other machines they cannot reach the
# folder: for those, start it with `--serve-artifacts --artifacts-destination FOLDER --default-artifact-root
# mlflow-artifacts:/ --host 0.0.0.0` and a store of its own.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
./scripts/environment.sh tracking
home="$(.venv/bin/multimodal config path home)"
store="$home/artifacts/mlflow"
mkdir -p "$store/artifacts"

export MLFLOW_DISABLE_TELEMETRY=true
export MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false # 8 processes and 1.4 GB less
unset MLFLOW_TRACKING_URI MLFLOW_REGISTRY_URI   # they say where trainings go, which may be this server
exec .venv/bin/mlflow server \
    --host "${MLFLOW_HOST:-127.0.0.1}" --port "${MLFLOW_PORT:-5000}" --workers 1 \
    --backend-store-uri "sqlite:///$store/mlflow.db" \
    --default-artifact-root "file://$store/artifacts" --no-serve-artifacts "$@"
