#!/usr/bin/env sh
# Look up known vulnerabilities of the exact versions in constraints.txt. Usage: audit.sh VENV_BIN
# Without a way to the database it says so and passes: a machine without internet can still check everything else.
set -u
report=$(mktemp)
trap 'rm -f "$report"' EXIT
timeout 300 "$1/pip-audit" --progress-spinner off --no-deps --disable-pip -r constraints.txt >"$report" 2>&1
status=$?
total=$(grep -c == constraints.txt)
unknown=$(grep -c "could not be audited" "$report")
if grep -q "^Found .* known vulnerabilit" "$report"; then
  cat "$report"
  exit 1
elif [ "$status" -eq 0 ] && [ "$unknown" -lt "$total" ]; then
  echo "pip-audit: no known vulnerability in $((total - unknown)) packages; $unknown could not be looked up"
else
  echo "pip-audit: its database cannot be had from here; nothing was looked up"
fi
