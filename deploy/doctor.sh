#!/usr/bin/env bash
# Looks whether a deployed sgwarden works, and says what to do where it does not: the verb doctor of the command
# baseline.
#   deploy/doctor.sh --help
set -euo pipefail
self=$(readlink -f "${BASH_SOURCE[0]}") # where a symbolic link to the script leads
deploy=${self%/*}
exec "$deploy/baseline.sh" doctor --zips "${deploy%/*}/build" "$@"
