# shellcheck shell=bash disable=SC2034,SC2154
# The central stack of an organisation, and the ordinary stacks beside it in the same account. deploy.sh makes them, as it
# makes any stack. Sourced by organization.sh, with which it shares variables.

central_stack=sgwarden

# choose_central sets central: whether the central stack is this account's, in the home region. The stack set leaves that
# account out: a second stack would tell everything twice.
choose_central() {
  local excluded
  central=no
  if [[ -n $central_email ]]; then
    central=yes
  elif [[ $central_topic_given == no && $(deployed CentralAlertTopicArn || true) == arn:*:sns:"$home:$account":* ]]; then
    central=yes # of a former run
  fi
  [[ $central == yes && $account != "$manager" ]] || return 0 # a stack set leaves the management account out by itself
  excluded=$(value ExcludedAccounts)
  [[ ,$excluded, == *,$account,* ]] || replace_option ExcludedAccounts "${excluded:+$excluded,}$account"
}

replace_option() {
  local kept=() option
  for option in ${options[@]+"${options[@]}"}; do [[ $option == "$1="* ]] || kept+=("$option"); done
  options=(${kept[@]+"${kept[@]}"} "$1=$2")
}

# deploy_central makes the central stack, takes its alert topic for all others, and deploys to the account's other regions.
# Where the central stack fails, the rest goes on with the topic that is known already.
deploy_central() {
  local topic others mailing=()
  [[ -z $central_email ]] || mailing=(--email "$central_email")
  printf '\n'
  say "central stack $central_stack in $home"
  deploy_here --regions "$home" --organization "$organization" --central-topic '' ${mailing[@]+"${mailing[@]}"} || central_failed=yes
  topic=$(describe_stack "$central_stack" "Stacks[0].Outputs[?OutputKey=='AlertTopicArn'].OutputValue | [0]")
  if [[ $topic != arn:* ]]; then
    central_failed=yes
    if ! topic=$(deployed CentralAlertTopicArn); then
      say "no central stack, so the stacks of the organisation have no topic yet to send alerts to. Run this again when the cause is gone"
      return
    fi
  fi
  replace_option CentralAlertTopicArn "$topic"
  others=$(for region in "${regions[@]}"; do [[ $region == "$home" ]] || printf ',%s' "$region"; done)
  region=$home
  [[ -n $others ]] || return 0
  printf '\n'
  say "stacks of account $account in its other regions"
  deploy_here --regions "${others#,}" --organization '' --central-topic "$topic" || central_failed=yes
}

# deploy_here runs deploy.sh. organization.sh has asked already, and has built the zips.
deploy_here() {
  local code=(--no-build) settings=(--mode "$(value Mode)") i
  [[ $zips_given == no ]] || code=(--zips "$zips")
  for ((i = 0; i < ${#passed[@]}; i += 2)); do
    [[ ${passed[i]} == --mode ]] || settings+=("${passed[i]}" "${passed[i + 1]}")
  done
  "$root/deploy/deploy.sh" --yes --stack-name "$central_stack" "${code[@]}" "${settings[@]}" "$@"
}
