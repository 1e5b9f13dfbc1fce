#!/usr/bin/env bash
# Serves the image models on 127.0.0.1:8000. A fresh machine needs Python >= 3.11 or uv, and the network once.
#
#   ./scripts/start_image_api.sh [--port 8080 ...]       arguments go to `multimodal serve`
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
./scripts/environment.sh base
exec .venv/bin/multimodal serve "$@"
