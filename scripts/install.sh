#!/usr/bin/env sh
# Make a virtual environment and install yololab with its development tools at the versions of constraints.txt.
# Usage: install.sh PYTHON VENV [EXTRAS]; EXTRAS are names of pyproject.toml, such as dev,ray,slurm. Uses uv where it is there or can be installed, else plain venv and pip.
set -eu
python=$1
venv=$2
extras=${3:-dev}

if ! command -v uv >/dev/null 2>&1; then
  "$python" -m pip install --quiet uv 2>/dev/null || true
fi
if command -v uv >/dev/null 2>&1; then
  [ -x "$venv/bin/python" ] || uv venv --quiet --python "$python" "$venv"
  uv pip install --quiet --compile-bytecode --python "$venv/bin/python" -e ".[$extras]" -c constraints.txt
else
  [ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet -e ".[$extras]" -c constraints.txt
fi
"$venv/bin/python" -m compileall -q src
echo "installed in $venv. Next: . $venv/bin/activate, then python train.py (shows what it would run) or make demo"
