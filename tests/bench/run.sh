#!/usr/bin/env bash
# Sets up .venv-bench with Python 3.12 or newer, where the peers' wheels exist, and measures there;
# without such a Python it measures ours alone in .venv. Arguments choose benchmarks by name.
set -euo pipefail
cd "$(dirname "$0")/../.."

newer_python() {
  for candidate in python3 python3.13 python3.12 "$HOME"/.pyenv/versions/3.1[2-9]*/bin/python; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
}

python=$(newer_python)
if [ -z "$python" ]; then
  echo "No Python 3.12 or newer here: OSRM, Valhalla and spopt are left out."
  make .venv/.installed
  exec .venv/bin/python -m tests.bench "$@"
fi
if [ ! -e .venv-bench/.installed ] || [ pyproject.toml -nt .venv-bench/.installed ]; then
  "$python" -m venv .venv-bench
  .venv-bench/bin/pip install --quiet --disable-pip-version-check --editable .
  .venv-bench/bin/pip install --quiet --disable-pip-version-check --editable '.[bench]' ||
    echo "The peers could not be installed and are left out."
  touch .venv-bench/.installed
fi
exec .venv-bench/bin/python -m tests.bench "$@"
