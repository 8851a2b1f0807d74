# shellcheck shell=bash disable=SC2034,SC2154
# How deploy.sh works through regions: one after another, each in a subshell, so that one that fails stops no other. What a
# region's step finds out for a later one is in files under $notes. Sourced by deploy.sh, with which it shares variables.

note() { printf '%s\n' "$2" >"$notes/$1"; }

# noted NAME prints what was noted of this region, nothing where nothing was.
noted() { if [[ -e $notes/$1 ]]; then cat "$notes/$1"; fi; }

# in_region NAME goes to a region. It has a directory for notes.
in_region() {
  region=$1 notes=$tmp/$1
  mkdir -p "$notes"
  use_region
}

# each_region STEP runs a step in each region that has not failed yet. It must not be called in a condition, where bash would
# not stop at errors in the step. A subshell does not inherit the trap for Ctrl-C, so it has one, and is silent about it: the
# script's own speaks.
each_region() {
  local step=$1 outcome
  for region in "${regions[@]}"; do
    in_region "$region"
    [[ ! -e $notes/failed ]] || continue
    set +e
    (trap 'exit 130' INT; set -e; last_words=$notes/failure; "$step")
    outcome=$?
    set -e
    if ((outcome != 0)); then note failed "$outcome"; fi
  done
}

# regions_with NAME VALUE prints the regions that have not failed and of which that is noted.
regions_with() {
  local at
  for at in "${regions[@]}"; do
    [[ -e $tmp/$at/failed || ! -e $tmp/$at/$1 || $(cat "$tmp/$at/$1") != "$2" ]] || printf '%s ' "$at"
  done
}

# fallen prints the regions that have failed.
fallen() {
  local at
  for at in "${regions[@]}"; do [[ ! -e $tmp/$at/failed ]] || printf '%s ' "$at"; done
}

# summarise prints a line for each region, where there are several.
summarise() {
  local at
  ((${#regions[@]} > 1)) || return 0
  printf '\n'
  for at in "${regions[@]}"; do
    in_region "$at"
    if [[ -e $notes/failed ]]; then
      printf '%-16s FAILED: %s\n' "$at" "$(noted failure)"
    else
      printf '%-16s %s, in mode %s\n' "$at" "$(noted outcome)" "$(noted mode)"
    fi
  done
}

# tidy removes the change sets that wait for an answer that is not coming, and what was noted.
tidy() {
  local at
  for at in ${regions[@]+"${regions[@]}"}; do
    [[ -s $tmp/$at/change_set ]] || continue
    in_region "$at"
    delete_change_set
  done
  rm -rf "$tmp"
}
