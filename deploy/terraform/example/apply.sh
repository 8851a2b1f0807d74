#!/usr/bin/env bash
# Approves what a Terraform plan changes in security groups, and then applies that plan. See --help.
set -euo pipefail

usage() {
  cat <<'HELP'
Usage: deploy/terraform/example/apply.sh [--yes] [--revoke-live N] [TERRAFORM OPTION...]

In the working directory, which holds Terraform's files:
  1. terraform plan          what would change; further options go to it
  2. baseline import         the plan's security groups become baseline files in baselines/: commit them with the rest
  3. baseline plan           what the push would permit, and which live rules would be revoked then
  4. baseline push           asks, and writes: from now on the planned rules are permitted
  5. terraform apply         applies exactly that plan

Between 4 and 5 the rules that the plan removes are live and no longer permitted. The grace period keeps them for ten
minutes: apply within that time.

A group that the plan makes has no id yet, so it cannot have a baseline before it exists: sgwarden leaves groups without a
baseline alone, unless the guardrail forbids what they open. Run this script again after the apply: the group has its id
then, and gets its baseline.

  --yes             do not ask; without this, the push asks
  --revoke-live N   with --yes: how many live rules the push may have revoked (default: none)
  --help            show this
HELP
}

# step STATUS COMMAND... runs a command whose exit status may be 0 or that one. Status 2 of the command baseline says that
# there is something to see.
step() {
  local tolerated=$1 status=0
  shift
  "$@" || status=$?
  [[ $status == 0 || $status == "$tolerated" ]] || { printf '%s: %s failed with status %s: nothing was applied\n' "${0##*/}" "$*" "$status" >&2; exit 1; }
}

main() {
  local baseline consent=()
  baseline=$(CDPATH='' cd -- "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/baseline.sh
  while (($#)); do
    case $1 in
      --help | -h) usage; exit 0 ;;
      --yes) consent+=(--yes); shift ;;
      --revoke-live)
        (($# > 1)) || { echo "${0##*/}: --revoke-live needs a number; see --help" >&2; exit 1; }
        consent+=("$1" "$2"); shift 2 ;;
      *) break ;;
    esac
  done
  step 0 terraform plan -out plan.out "$@"
  terraform show -json plan.out >plan.json || { echo "${0##*/}: terraform show failed: nothing was applied" >&2; exit 1; }
  step 2 "$baseline" import terraform plan.json --out baselines
  if ! compgen -G 'baselines/*' >/dev/null; then
    echo "==> no group of the plan has an id yet: nothing to approve before the apply"
  else
    step 2 "$baseline" plan baselines
    step 0 "$baseline" push baselines ${consent[@]+"${consent[@]}"}
  fi
  step 0 terraform apply plan.out
  rm -f plan.out plan.json # a plan holds secrets
}

main "$@"
