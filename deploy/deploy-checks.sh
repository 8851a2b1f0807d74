# shellcheck shell=bash disable=SC2034,SC2154
# deploy.sh's checks before it starts: whether sgwarden can be deployed and would hear anything. Sourced by deploy.sh, with
# which it shares variables. A check only reads. What would make the deployment fail or sgwarden useless is an error; what
# cannot be found out is a warning.

passed() { printf '  ok       %s\n' "$*"; }
warn() { printf '  warning  %s\n' "$*"; }
failed() { printf '  FAILED   %s\n' "$*"; failures=$((failures + 1)); }

# unknown WHAT ACTION warns that a check could not be made, and why.
unknown() {
  if was_denied; then
    warn "$1 not checked: these credentials may not $2"
  else
    warn "$1 not checked ($2): $(complaint | cut -c 1-200)"
  fi
}

# check_region refuses a region that there isn't, or that the account has not enabled. A region that is not enabled answers
# no call at all, so a region that always is enabled is asked.
check_region() {
  local home=us-east-1 answer
  case $region in
    cn-*) home=cn-north-1 ;;
    us-gov-*) home=us-gov-west-1 ;;
  esac
  if ! answer=$(aws ec2 describe-regions --region "$home" --all-regions --filters "Name=region-name,Values=$region" \
    --query 'Regions[].OptInStatus' --output text 2>"$tmp/complaint"); then
    unknown "whether $region is enabled:" ec2:DescribeRegions
    return
  fi
  case $answer in
    '' | None) die "there is no region $region: 'aws ec2 describe-regions --all-regions' lists them" ;;
    not-opted-in)
      die "region $region is not enabled in account $account: enable it ('aws account enable-region --region-name $region', then wait some minutes), or leave it out" ;;
  esac
}

# run_checks runs all checks and dies where one failed.
run_checks() {
  failures=0
  say "checking account $account in $region"
  check_trails
  check_concurrency
  check_boundary
  if [[ -z $status ]]; then
    check_other_stacks
    check_rules
    check_alarms
    check_roles
  fi
  ((failures == 0)) || die "$failures of the checks failed: mend what they say, or deploy all the same with --skip-checks"
}

# check_concurrency looks for the limit of 10 that some new accounts have. The functions share it with all others.
check_concurrency() {
  local answer all free
  if ! answer=$(aws lambda get-account-settings --query 'AccountLimit.[ConcurrentExecutions, UnreservedConcurrentExecutions]' --output text 2>"$tmp/complaint"); then
    unknown "Lambda's concurrency" lambda:GetAccountSettings
    return
  fi
  IFS=$'\t' read -r all free <<<"$answer"
  if [[ ! $all$free =~ ^[0-9]+$ ]]; then
    warn "Lambda's concurrency not checked: AWS does not tell it"
  elif ((free == 0)); then
    failed "Lambda: other functions have reserved the whole concurrency of $all, so no function of sgwarden could run: lower a reservation, or ask for a higher quota 'Concurrent executions'"
  elif ((all <= 10)); then
    warn "Lambda: the account may run only $all functions at once. A flood of changes, or another application, holds sgwarden up: ask for a higher quota 'Concurrent executions' (Service Quotas, AWS Lambda)"
  elif ((free <= 10)); then
    warn "Lambda: other functions have reserved all but $free of $all concurrent executions. A flood of changes holds sgwarden up: lower a reservation, or ask for a higher quota"
  else
    passed "Lambda may run $free functions at once"
  fi
}

check_boundary() {
  local arn
  arn=$(value PermissionsBoundaryArn)
  [[ -n $arn ]] || return 0
  if aws iam get-policy --policy-arn "$arn" >/dev/null 2>"$tmp/complaint"; then
    passed "the permissions boundary $arn exists"
  elif grep -q NoSuchEntity "$tmp/complaint"; then
    failed "the permissions boundary $arn does not exist: make the policy first, or correct --permissions-boundary"
  else
    unknown "the permissions boundary" iam:GetPolicy
  fi
}

# check_other_stacks warns of a second sgwarden, which a slip in --stack-name would make.
check_other_stacks() {
  local names
  if ! names=$(aws cloudformation describe-stacks --query "Stacks[?Parameters[?ParameterKey=='RemediatorCodeKey']].[StackName]" --output text 2>"$tmp/complaint"); then
    unknown "other stacks of sgwarden" cloudformation:DescribeStacks
    return
  fi
  names=$(grep -vx -e None -e "$stack" -e '' <<<"$names" | tr '\n' ' ') || true
  if [[ $names == StackSet-* ]]; then
    warn "a stack set guards $region already, with ${names% }: this makes a second sgwarden beside it, and the two tell each change twice. Change that one with deploy/organization.sh, in the stack set's account"
  elif [[ -n $names ]]; then
    warn "this makes a second sgwarden in $region, beside ${names% }: did you mean --stack-name ${names%% *}? Two of them tell each change twice"
  fi
}

# check_rules, check_alarms and check_roles compare what there is and what the template adds with the quota. They are made
# only for a new stack. The parameters of Parameter Store (10,000 a region) are not counted: that takes up to 200 calls.
check_rules() {
  local there quota
  if ! there=$(aws events list-rules --query 'Rules[].[Name]' --output text 2>"$tmp/complaint"); then
    unknown "EventBridge's quota of rules" events:ListRules
    return
  fi
  quota=$(quota events 'Number of rules')
  # The default of the regions with the least: EventBridge User Guide, "Quotas".
  has_room "EventBridge rules on the default bus" "$(count_lines "$there")" AWS::Events::Rule "${quota:-100}" "${quota:+known}"
}

check_alarms() {
  local there quota
  if ! there=$(aws cloudwatch describe-alarms --query 'MetricAlarms[].[AlarmArn]' --output text 2>"$tmp/complaint"); then
    unknown "CloudWatch's quota of alarms" cloudwatch:DescribeAlarms
    return
  fi
  # 5,000 a region: CloudWatch User Guide, "CloudWatch service quotas", which names no quota code for alarms.
  has_room "CloudWatch alarms" "$(count_lines "$there")" AWS::CloudWatch::Alarm 5000 ''
}

check_roles() {
  local answer there quota
  if ! answer=$(aws iam get-account-summary --query 'SummaryMap.[Roles, RolesQuota]' --output text 2>"$tmp/complaint"); then
    unknown "IAM's quota of roles" iam:GetAccountSummary
    return
  fi
  IFS=$'\t' read -r there quota <<<"$answer"
  [[ $there$quota =~ ^[0-9]+$ ]] || { warn "IAM's quota of roles not checked: AWS does not tell it"; return; }
  has_room "IAM roles" "$there" AWS::IAM::Role "$quota" known
}

# quota SERVICE NAME prints a quota of this account and region, nothing where Service Quotas does not tell.
quota() {
  aws service-quotas list-service-quotas --service-code "$1" --query "Quotas[?QuotaName=='$2'].[Value]" --output text 2>/dev/null |
    sed -nE 's/^([0-9]+)(\.0)?$/\1/p' | sed -n 1p || true
}

count_lines() { grep -cvx -e '' -e None <<<"$1" || true; }

# has_room WHAT THERE TYPE QUOTA KNOWN checks that the template's resources of the type fit. A quota that is only the default
# may have been raised, so too little room is a warning then.
has_room() {
  local more text
  more=$(grep -c "^    Type: $3\$" "$template") || true
  text="$1: $2 there, up to $more more, quota $4"
  if (($2 + more <= $4)); then
    passed "$text"
  elif [[ $5 == known ]]; then
    failed "$text: remove some, or ask for a higher quota (Service Quotas)"
  else
    warn "$text unless it was raised: look at Service Quotas"
  fi
}
