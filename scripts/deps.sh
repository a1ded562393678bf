#!/usr/bin/env bash
# Installs what the tests need and the machine lacks, where apt-get is at hand; else says what to install.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
if [[ -z "${DMS_TEST_DATABASE_URL:-}" ]] && ! command -v postgres >/dev/null && ! compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; then
  missing+=(postgresql)
fi
command -v gcc >/dev/null || missing+=(gcc libc6-dev) # the race detector
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)

if ((${#missing[@]})); then
  if ! command -v apt-get >/dev/null; then
    echo "Please install: ${missing[*]} (Debian's names)" >&2
    exit 1
  fi
  sudo=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || { echo "Please install, as root: apt-get install ${missing[*]}" >&2; exit 1; }
    sudo=(sudo)
  fi
  "${sudo[@]}" apt-get update -q
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
fi

for tool in node npm; do
  command -v "$tool" >/dev/null || { echo "Please install Node 20 or later: $tool was not found" >&2; exit 1; }
done
go mod download
for m in internal/interop/dmssdk internal/interop/iamsdk; do
  go -C "$m" mod download
done
