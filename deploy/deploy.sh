#!/usr/bin/env bash
# Builds sgwarden and creates or updates its CloudFormation stack, in one region or several. See --help.
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
# shellcheck source=deploy/deploy-checks.sh
source "$here/deploy-checks.sh"
# shellcheck source=deploy/deploy-trail.sh
source "$here/deploy-trail.sh"
# shellcheck source=deploy/deploy-code.sh
source "$here/deploy-code.sh"
# shellcheck source=deploy/deploy-stack.sh
source "$here/deploy-stack.sh"
# shellcheck source=deploy/deploy-consequences.sh
source "$here/deploy-consequences.sh"
# shellcheck source=deploy/deploy-wait.sh
source "$here/deploy-wait.sh"

# find_account sets account and alias, the account's name if it has one. Any region may tell: one that isn't enabled doesn't.
find_account() {
  local answer=''
  for region in "${regions[@]}"; do
    use_region
    if answer=$(aws sts get-caller-identity --query Account --output text 2>"$tmp/complaint"); then break; fi
  done
  [[ -n $answer ]] || die_of_complaint "cannot find out the AWS account"
  account=$answer
  alias=$(aws iam list-account-aliases --query 'AccountAliases[0]' --output text 2>/dev/null) || alias='' # only to show
  [[ $alias != None ]] || alias=''
  say "account $account${alias:+ ($alias)}, ${regions[*]}${AWS_ENDPOINT_URL:+, endpoint $AWS_ENDPOINT_URL}"
}

# prepare finds out what deploying to the region means, and notes action: create, update or nothing.
prepare() {
  if ((${#regions[@]} > 1)); then printf '\n'; say "$region"; fi
  if [[ $checks == yes ]]; then check_region; fi
  read_stack
  if [[ $checks == yes ]]; then run_checks; fi
  choose_canary_vpc
  look_at_bucket
  build_code
  name_all_code
  note mode "$(value Mode)"
  note email "$(value AlertEmail)"
  note prefix "$(value BaselinePrefix)"
  note central "$(value CentralAlertTopicArn)"
  note bucket "$bucket"
  note bucket_exists "$bucket_exists"
  parameters >"$notes/parameters"
  if [[ -z $status ]]; then prepare_creation; else prepare_update; fi
}

prepare_creation() {
  note action create
  tell_stack "which does not exist yet: $(grep -c '^    Type: AWS::' "$template") resources at most"
  tell_drift
}

prepare_update() {
  local changes
  [[ $bucket_exists == yes ]] || create_bucket
  upload_template
  make_change_set
  if [[ $changes == none ]]; then
    note action nothing
    note outcome "nothing changed"
    say "nothing changed: stack $stack in $region is as asked, in $(mode_text "$(value Mode)")"
    return
  fi
  note action update
  tell_stack "which is there, $status"
  summarise_changes
  tell_drift
}

# confirm asks once for all regions.
confirm() {
  local where=$1
  [[ $sure == no ]] || return 0
  printf '\n'
  ask "Deploy stack $stack to account $account${alias:+ ($alias)}, ${where% }?" || die "nothing deployed"
}

# carry_out does in the region what was prepared.
carry_out() {
  local action token change_set
  action=$(noted action) change_set=$(noted change_set) bucket=$(noted bucket)
  [[ $action != nothing ]] || return 0
  if ((${#regions[@]} > 1)); then printf '\n'; say "$region"; fi
  token=sgwarden-$(date +%s)-$$
  if [[ $action == create && $(noted bucket_exists) == no ]]; then create_bucket; fi
  upload_code
  if [[ $action == create ]]; then
    upload_template
    create_stack
  else
    execute_change_set
  fi
  wait_for_stack
  note outcome deployed
  tell_topics
  say "deployed to $region, in $(mode_text "$(noted mode)")"
}

# finish says how it ended. Its status is that of the script.
finish() {
  local deployed lost
  deployed=$(regions_with outcome deployed)
  lost=$(fallen)
  summarise
  if [[ -n $deployed ]]; then
    in_region "${deployed%% *}"
    next_steps "$(noted email)" "$(noted prefix)" "$(noted central)"
  fi
  [[ -z $lost ]]
}

main() {
  local where
  root=$(CDPATH='' cd -- "$here/.." && pwd) # cd would print where it went, and perhaps go elsewhere
  template=$root/deploy/template.yaml
  parse_options "$@"
  make_tmp
  trap tidy EXIT
  if ((${#regions[@]} == 0)); then
    find_region
    regions=("$region")
  fi
  command -v aws >/dev/null || die "the AWS CLI is missing: install it (https://aws.amazon.com/cli/) or put it on PATH"
  find_account
  each_region prepare
  where=$(regions_with action create)$(regions_with action update)
  if [[ -n $where ]]; then
    confirm "$where"
    each_region carry_out
  fi
  finish
}

main "$@"
