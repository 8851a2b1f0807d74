# shellcheck shell=bash disable=SC2034,SC2154
# The stack that holds the stack set: what a run changes, its creation, update and removal. Sourced by organization.sh, with
# which it shares variables.

# show_plan says what the run will do, what it takes away above all.
show_plan() {
  local gone
  printf '\n'
  say "$([[ -n $status ]] && echo update || echo create) stack set $(value StackSetName) in $home (stack $stack)"
  printf '    %-22s %s\n' "organisational units" "$(value OrganizationalUnitIds)" regions "${regions[*]}" \
    "without the accounts" "$(value ExcludedAccounts)" mode "$(value Mode)" "alerts go to" "$(alerts_to)"
  gone=$(lost_items Regions "$(joined "${regions[@]}")")
  [[ -z $gone ]] || printf '    %s\n' "the stacks of these regions are DELETED: $gone"
  gone=$(lost_items OrganizationalUnitIds "$(value OrganizationalUnitIds)")
  [[ -z $gone ]] || printf '    %s\n' "the stacks of these units' accounts are DELETED: $gone"
  [[ $(value Mode) != enforce || $(deployed Mode || true) == enforce ]] ||
    printf '    %s\n' "mode enforce REVOKES what no baseline permits, in all accounts. 'deploy/baseline.sh diff --targets FILE' shows that before"
}

alerts_to() {
  if [[ $central == yes ]]; then
    echo "the central stack $central_stack in $home, which this run deploys too${central_email:+; mails to $central_email}"
  elif [[ -n $(value CentralAlertTopicArn) ]]; then
    value CentralAlertTopicArn
  else
    echo "each stack's own topics"
  fi
}

joined() {
  local IFS=,
  echo "$*"
}

# lost_items NAME VALUE prints what the stack's list has and the new one doesn't.
lost_items() {
  local item
  for item in $(deployed "$1" | tr , ' '); do
    [[ ,$2, == *,$item,* ]] || printf '%s ' "$item"
  done
}

# put_set creates or updates the stack, and waits while CloudFormation works in all accounts.
put_set() {
  local verb=create named=() line
  [[ -z $status ]] || verb=update
  name_set_options
  token=sgwarden-$(date +%s)-$$
  while IFS= read -r line; do named+=("$line"); done < <(parameters)
  printf '\n'
  say "$verb stack $stack; CloudFormation then works in all accounts, which takes a while"
  if ! aws cloudformation "$verb-stack" --stack-name "$stack" --template-body "file://$template" --parameters "${named[@]}" \
    --client-request-token "$token" >/dev/null 2>"$tmp/complaint"; then
    if ! grep -q 'No updates are to be performed' "$tmp/complaint"; then die_of_complaint "cannot $verb stack $stack"; fi
    say "the stack set is as asked already"
    return
  fi
  wait_for_set
}

# name_set_options adds what the command line does not say. A region without the code is left out, unless it has stacks
# already: these would be deleted.
name_set_options() {
  local kept=() at
  for at in "${regions[@]}"; do
    if [[ ! -e $tmp/$at/failed || ,$(deployed Regions || true), == *,$at,* ]]; then kept+=("$at"); fi
  done
  ((${#kept[@]} > 0)) || die "no region has got the code: see above"
  bucket=$code_bucket-$home
  set_key "$root/deploy/template.yaml"
  options+=("Regions=$(joined "${kept[@]}")" "CallAs=$call_as" "TemplateUrl=$(url_of "$key")")
  name_all_code
  replace_option CodeBucket "$code_bucket"
}

# url_of KEY names the bucket in its path, so that any bucket name will do.
url_of() {
  local domain=amazonaws.com
  [[ $home != cn-* ]] || domain=amazonaws.com.cn
  echo "https://s3.$home.$domain/$bucket/$1"
}

# wait_for_set polls until the stack is at rest. What failed is told, and the summary follows all the same.
wait_for_set() {
  local last=''
  while true; do
    status=$(describe_stack "$stack" 'Stacks[0].StackStatus')
    [[ $status == *_IN_PROGRESS ]] || break
    [[ $status == "$last" ]] || say "$status"
    last=$status
    sleep 15
  done
  case $status in
    CREATE_COMPLETE | UPDATE_COMPLETE | '') say "${status:-gone}" ;;
    *)
      set_failed=yes
      printf '%s\n' "stack $stack ended as $status" >&2
      explain_failure ;;
  esac
}

# remove_set takes the stacks of all accounts away, and the set. The StackSet resource deletes its instances first.
remove_set() {
  [[ -n $status ]] || die "there is no stack $stack in $home, so there is nothing to remove: is $home the home region?"
  say "remove stack set $(deployed StackSetName || true) of $home, and its stacks in $(deployed Regions | tr , ' '), in all accounts of $(deployed OrganizationalUnitIds)"
  confirm "Stop guarding these accounts?"
  token=sgwarden-$(date +%s)-$$
  aws_or_die "delete stack $stack" cloudformation delete-stack --stack-name "$stack" --client-request-token "$token"
  set_name=$(deployed StackSetName || echo sgw)
  wait_for_set
  cat <<LEFT

What stays:
  - the documents in Parameter Store, below $(deployed BaselinePrefix || true) in each account and region: people wrote them
  - the buckets $code_bucket-REGION in account $account, with the zips, which the organisation may still read
  - the central stack, and other stacks that deploy.sh made: deploy/destroy.sh takes each away
  - stacks of accounts that have left the organisational units: they were kept on purpose. Delete them there
LEFT
  [[ -z $set_failed ]]
}
