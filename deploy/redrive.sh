#!/usr/bin/env bash
# Shows what is in sgwarden's dead-letter queues, gives it to the functions again, or discards it: the verb redrive of
# the command baseline.
#   deploy/redrive.sh --help
set -euo pipefail
# Where this script is, also where a symbolic link led to it. A readlink without -f (macOS before 12.3) follows no link.
self=$(readlink -f "${BASH_SOURCE[0]}" 2>/dev/null || printf '%s\n' "${BASH_SOURCE[0]}")
exec "$(dirname "$self")/baseline.sh" redrive "$@"
