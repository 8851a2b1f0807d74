#!/usr/bin/env bash
# Shows what is in sgwarden's dead-letter queues, gives it to the functions again, or discards it: the verb redrive of
# the command baseline.
#   deploy/redrive.sh --help
set -euo pipefail
self=$(readlink -f "${BASH_SOURCE[0]}") # where a symbolic link to the script leads
exec "${self%/*}/baseline.sh" redrive "$@"
