#!/usr/bin/env bash
# Rolls sgwarden out over an organisation: a stack of its own in each account and region. See --help.
set -euo pipefail
export AWS_PAGER=''
# Where this script is, also where a symbolic link led to it. A readlink without -f (macOS before 12.3) follows no link.
self=$(readlink -f "${BASH_SOURCE[0]}" 2>/dev/null || printf '%s\n' "${BASH_SOURCE[0]}")
here=$(dirname "$self")
# shellcheck source=deploy/common.sh
source "$here/common.sh"
# shellcheck source=deploy/deploy-options.sh
source "$here/deploy-options.sh"
# shellcheck source=deploy/deploy-regions.sh
source "$here/deploy-regions.sh"
# shellcheck source=deploy/deploy-code.sh
source "$here/deploy-code.sh"
# shellcheck source=deploy/deploy-stack.sh
source "$here/deploy-stack.sh"
# shellcheck source=deploy/deploy-wait.sh
source "$here/deploy-wait.sh"
# shellcheck source=deploy/organization-options.sh
source "$here/organization-options.sh" # its usage and parse_options take the place of deploy.sh's
# shellcheck source=deploy/organization-checks.sh
source "$here/organization-checks.sh"
# shellcheck source=deploy/organization-code.sh
source "$here/organization-code.sh"
# shellcheck source=deploy/organization-central.sh
source "$here/organization-central.sh"
# shellcheck source=deploy/organization-set.sh
source "$here/organization-set.sh"
# shellcheck source=deploy/organization-summary.sh
source "$here/organization-summary.sh"

# roll_out does what was asked. Its status is that of the script.
roll_out() {
  local lost=''
  choose_targets
  choose_central
  build_code
  show_plan
  confirm "Roll sgwarden out?"
  each_region put_code
  in_region "$home"
  if [[ $central == yes ]]; then deploy_central; fi
  put_set
  summarise_set || lost=yes
  summarise_code || lost=yes
  [[ -z $lost && -z $central_failed && -z $set_failed ]]
}

# confirm QUESTION ends the script where the answer is no.
confirm() {
  [[ $sure == no ]] || return 0
  printf '\n'
  ask "$1" || die "nothing done"
}

main() {
  root=$(CDPATH='' cd -- "$here/.." && pwd) # cd would print where it went, and perhaps go elsewhere
  template=$root/deploy/stackset.yaml
  parse_options "$@"
  make_tmp
  find_region
  home=$region central_failed='' set_failed=''
  find_organization
  check_access
  list_accounts
  read_set
  if [[ $remove == yes ]]; then remove_set; else roll_out; fi
}

main "$@"
