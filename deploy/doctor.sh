#!/usr/bin/env bash
# Looks whether a deployed sgwarden works, and says what to do where it does not: the verb doctor of the command
# baseline.
#   deploy/doctor.sh --help
set -euo pipefail
# Where this script is, also where a symbolic link led to it. A readlink without -f (macOS before 12.3) follows no link.
self=$(readlink -f "${BASH_SOURCE[0]}" 2>/dev/null || printf '%s\n' "${BASH_SOURCE[0]}")
deploy=$(CDPATH='' cd -- "$(dirname "$self")" && pwd)
exec "$deploy/baseline.sh" doctor --zips "${deploy%/*}/build" "$@"
