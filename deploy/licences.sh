#!/usr/bin/env bash
# Lists the licence of each Go module that the functions, the command and the tests are built from. See --help.
set -euo pipefail

usage() {
  cat <<'HELP'
Usage: deploy/licences.sh

Prints a line for each Go module that the functions, the command and the tests are built from: module, version, kind of
licence, and the file that says so in the module. The kind is found by sentences of the licence's text.

Exit status: 0 each module has a licence of a known kind, 1 one has none or another kind: read its file.
HELP
}

# kind FILE prints the kind of licence in a file. The text is joined to one line, as each licence breaks lines elsewhere.
kind() {
  local text
  text=$(tr -s '[:space:]' ' ' <"$1")
  case $text in
    *'exactly one of the following two licenses'*'The FreeType License'*) echo FTL ;; # or GPL, as one likes
    *'Apache License Version 2.0'*) echo Apache-2.0 ;;
    *'Mozilla Public License Version 2.0'* | *'Mozilla Public License, version 2.0'*) echo MPL-2.0 ;;
    *'GNU AFFERO GENERAL PUBLIC'* | *'GNU GENERAL PUBLIC'* | *'GNU LESSER GENERAL PUBLIC'*) echo GNU ;;
    *'Permission is hereby granted, free of charge'*) echo MIT ;;
    *'Neither the name'*'may be used to endorse'*) echo BSD-3-Clause ;;
    *'Redistribution and use in source and binary forms'*) echo BSD-2-Clause ;;
    *'Permission to use, copy, modify, and'*'distribute this software for any purpose'*) echo ISC ;;
    *) echo unknown ;;
  esac
}

# licence_file DIR prints the file with the licence: the first of those names that the directory has.
licence_file() { find "$1" -maxdepth 1 -type f \( -iname 'licen[sc]e*' -o -iname 'copying*' -o -iname 'unlicense*' \) | sort | head -n 1; }

main() {
  local module version dir file found status=0
  case ${1:-} in
    --help | -h) usage; exit 0 ;;
    ?*) echo "${0##*/}: unknown option $1; see --help" >&2; exit 1 ;;
  esac
  CDPATH='' cd -- "$(dirname "${BASH_SOURCE[0]}")/.."
  while read -r module version dir; do
    file=$(licence_file "$dir")
    found=none
    [[ -z $file ]] || found=$(kind "$file")
    printf '%-60s %-42s %-13s %s\n' "$module" "$version" "$found" "${file##*/}"
    case $found in
      none | unknown | GNU)
        echo "${0##*/}: $module $version has a licence of kind $found: read ${file:-what is in $dir}, and decide whether to use the module" >&2
        status=1 ;;
    esac
  done < <(go list -deps -test -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' ./... | sort -u)
  exit "$status"
}

main "$@"
