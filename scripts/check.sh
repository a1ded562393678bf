#!/usr/bin/env bash
# Usage: check.sh NAME COMMAND [ARGUMENT...]
# Runs one check that is no Go test and counts it, as internal/gotest counts those.
set -uo pipefail
name=$1
shift
mkdir -p build
begin=$SECONDS
if "$@"; then
  echo "ok   $name ($((SECONDS - begin))s)"
  echo "1 0" >>build/counts
else
  status=$?
  echo "FAIL $name"
  echo "0 1" >>build/counts
  exit "$status"
fi
