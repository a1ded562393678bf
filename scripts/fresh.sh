#!/usr/bin/env bash
# Fails when generated files differ from what their sources say now. Leaves the fresh ones in place.
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t files < <(git ls-files -- '*/gen/*.go' '*.gen.ts')
before=$(sha256sum "${files[@]}")
make --no-print-directory generate
if ! after=$(sha256sum "${files[@]}") || [[ "$before" != "$after" ]]; then
  diff <(echo "$before") <(echo "$after") || true
  echo "Generated files are out of date: commit what make generate has just written." >&2
  exit 1
fi
untracked=$(git ls-files --others --exclude-standard -- '*/gen/*.go' '*.gen.ts')
if [[ -n "$untracked" ]]; then
  echo "Generated files are not in git: $untracked" >&2
  exit 1
fi
