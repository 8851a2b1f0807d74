# shellcheck shell=bash disable=SC2034,SC2154
# What organization.sh finds out before it does anything: whose credentials it has, what they may, and which accounts there
# are. Sourced by organization.sh, with which it shares variables.

# find_organization sets account, partition, organization and manager, the id of the management account.
find_organization() {
  local arn features
  arn=$(aws_or_die "find out the AWS account" sts get-caller-identity --query Arn --output text)
  IFS=: read -r _ partition _ _ account _ <<<"$arn"
  if ! aws organizations describe-organization --query 'Organization.[Id, MasterAccountId, FeatureSet]' --output text \
    >"$tmp/organization" 2>"$tmp/complaint"; then
    ! grep -q AWSOrganizationsNotInUse "$tmp/complaint" ||
      die "account $account belongs to no organisation: use deploy/deploy.sh, with --regions for several regions"
    die_of_complaint "cannot look at the organisation of account $account"
  fi
  IFS=$'\t' read -r organization manager features <"$tmp/organization"
  [[ $features == ALL ]] ||
    die "organisation $organization has only consolidated billing, and StackSets need all features: enable them in AWS Organizations"
}

# check_access sets call_as: how to call StackSets here. Source: CloudFormation User Guide, "Activate trusted access for
# stack sets with Organizations" and "Register a delegated administrator member account".
check_access() {
  local services
  call_as=SELF
  if [[ $account == "$manager" ]]; then
    services=$(aws_or_die "see which services organisation $organization trusts" organizations list-aws-service-access-for-organization \
      --query 'EnabledServicePrincipals[].ServicePrincipal' --output text)
    [[ $services == *stacksets.cloudformation.amazonaws.com* ]] ||
      die "organisation $organization does not trust StackSets yet: run 'aws cloudformation activate-organizations-access' here, then this again"
    return
  fi
  call_as=DELEGATED_ADMIN
  services=$(aws organizations list-delegated-services-for-account --account-id "$account" \
    --query 'DelegatedServices[].ServicePrincipal' --output text 2>"$tmp/complaint") || services=''
  [[ $services == *stacksets.cloudformation.amazonaws.com* ]] ||
    die "account $account is neither the management account of organisation $organization ($manager) nor a delegated administrator for StackSets. Use the credentials of $manager, or run there: aws organizations register-delegated-administrator --account-id $account --service-principal member.org.stacksets.cloudformation.amazonaws.com"
}

# list_accounts notes all accounts, one a line: id, state and name. The AWS CLI reads all pages. AWS has announced to end
# Status on 9 September 2026 (Organizations API reference, Account); an older AWS CLI knows no State.
list_accounts() {
  local suspended
  aws_or_die "list the accounts of organisation $organization" organizations list-accounts \
    --query 'Accounts[].[Id, State || Status, Name]' --output text >"$tmp/accounts"
  suspended=$(awk -F '\t' '$2 != "ACTIVE" { printf "%s%s (%s, %s)", n++ ? ", " : "", $1, $3, tolower($2) }' "$tmp/accounts")
  say "organisation $organization: $(grep -c . "$tmp/accounts") accounts, as $call_as in account $account, home region $home"
  [[ -z $suspended ]] || say "not active, so they get no stack: $suspended"
}

# name_of ACCOUNT prints an account's name.
name_of() { awk -F '\t' -v id="$1" '$1 == id { print $3 }' "$tmp/accounts"; }

# read_set sets status ('' where there is no stack that holds the set yet), previous and code_bucket.
read_set() {
  local query="Stacks[0].[[['status', StackStatus]], Parameters[].[ParameterKey, ParameterValue || '']][]" name value answer
  status='' previous=() code_bucket=${bucket:-sgwarden-artifacts-$account}
  answer=$(describe_stack "$stack" "$query")
  while IFS=$'\t' read -r name value; do
    case $name in
      '') ;;
      status) status=$value ;;
      CodeBucket) code_bucket=${bucket:-$value} ;;
      *) previous+=("$name=$value") ;;
    esac
  done <<<"$answer"
  [[ -n $status ]] || return 0
  deployed OrganizationalUnitIds >/dev/null ||
    die "stack $stack holds no stack set of sgwarden's, so it stays as it is: choose another --stack-name"
  [[ $status != *_IN_PROGRESS ]] || die "stack $stack is $status: wait until that is over, then run this again"
  [[ $remove == yes ]] || check_set
}

# check_set refuses a stack that cannot be updated.
check_set() {
  case $status in
    UPDATE_ROLLBACK_FAILED)
      die "stack $stack is $status: run 'aws cloudformation continue-update-rollback --stack-name $stack', then this again" ;;
    CREATE_FAILED | ROLLBACK_* | DELETE_FAILED)
      die "stack $stack is $status and cannot be updated: run this with --remove, then again" ;;
  esac
}

# choose_targets sets regions, from the command line or the stack, and refuses what is missing.
choose_targets() {
  [[ -n $(value OrganizationalUnitIds) ]] ||
    die "--ou is missing: which organisational units? 'aws organizations list-roots' shows the root, 'aws organizations list-organizational-units-for-parent --parent-id r-...' the units below it"
  if ((${#regions[@]} == 0)) && deployed Regions >/dev/null; then take_regions "$(deployed Regions)"; fi
  ((${#regions[@]} > 0)) || die "--regions is missing: in which regions, such as --regions us-east-1,eu-west-1?"
}
