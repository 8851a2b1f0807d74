#!/usr/bin/env bash
# Runs the command baseline with all arguments. If its sources changed since the last time, the command is built first,
# and beside it the program that lays out its pictures.
#   deploy/baseline.sh --help
# Completion, in bash (zsh likewise): alias baseline="$PWD/deploy/baseline.sh"; source <(baseline completion bash)
set -euo pipefail

# Where this script is, wherever links to it are.
script=${BASH_SOURCE[0]}
while [[ -L $script ]]; do
  target=$(readlink "$script")
  [[ $target == /* ]] || target=$(dirname "$script")/$target
  script=$target
done
root=$(CDPATH='' cd -P -- "$(dirname "$script")/.." && pwd)
binary=$root/build/local/baseline/baseline
layout=${binary%/*}/layout

# changed tells whether a source is newer than the command. A directory is newer where a file was added or removed.
changed() {
  [[ ! -x $binary || ! -x $layout ]] || [[ -n $(find "$root/deploy/baseline" "$root/pkg" "$root/go.mod" "$root/go.sum" \
    \( -name '*_test.go' -o -name testdata \) -prune -o \( -type d -o -name '*.go' -o -name 'go.*' \) -newer "$binary" -print) ]]
}

# build replaces the command, and the program that lays out its pictures, each in one step, so that one that is running
# meanwhile isn't disturbed.
build() {
  command -v go >/dev/null || { echo 'baseline.sh: go is not on PATH: install Go, which the command is built with' >&2; exit 1; }
  local new
  if ! mkdir -p "${binary%/*}" || ! new=$(mktemp -d "$binary.XXXXXX"); then
    echo "baseline.sh: the command is built into ${binary%/*}, and nothing can be written there: make that directory writable" >&2
    exit 1
  fi
  # The time of the start: what changes while it builds is newer.
  if ! touch "$new/start" || ! CGO_ENABLED=0 go build -C "$root" -o "$new/" ./deploy/baseline ./deploy/baseline/layout >&2; then
    rm -rf "$new"
    exit 1
  fi
  touch -r "$new/start" "$new/baseline" "$new/layout"
  mv "$new/layout" "$layout"
  mv "$new/baseline" "$binary"
  rm -r "$new"
}

if changed; then build; fi
exec "$binary" "$@"
