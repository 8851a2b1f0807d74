# shellcheck shell=bash disable=SC2034,SC2154
# deploy.sh's view of the stack: its state, its parameters, and the change set of an update. Sourced by deploy.sh, with
# which it shares variables.

# read_stack sets status ('' where there is no stack), previous (its parameters, each as NAME=VALUE) and bucket.
read_stack() {
  local query="Stacks[0].[[['status', StackStatus]], Parameters[].[ParameterKey, ParameterValue || '']][]"
  local answer name value ours=no
  status='' previous=()
  answer=$(describe_stack "$stack" "$query")
  while IFS=$'\t' read -r name value; do
    case $name in
      '') ;;
      status) status=$value ;;
      CodeBucket) bucket=${bucket:-$value} ;;
      RemediatorCodeKey) ours=yes ;;
      *) previous+=("$name=$value") ;;
    esac
  done <<<"$answer"
  bucket=${bucket:-sgwarden-artifacts-$account-$region}
  [[ -z $status ]] || check_stack
}

# check_stack refuses a stack that cannot be updated.
check_stack() {
  if [[ $status == REVIEW_IN_PROGRESS ]]; then
    die "stack $stack has never been made: a change set of somebody waits there for an answer. Delete it ('aws cloudformation delete-stack --stack-name $stack'), then run this again"
  fi
  [[ $ours == yes ]] || die "stack $stack is not sgwarden's, so it stays as it is: choose another --stack-name"
  case $status in
    *_IN_PROGRESS) die "stack $stack is $status: wait until that is over, then run this again" ;;
    UPDATE_ROLLBACK_FAILED)
      die "stack $stack is $status: remove what hinders it, run 'aws cloudformation continue-update-rollback --stack-name $stack', then this again" ;;
    CREATE_FAILED | ROLLBACK_* | DELETE_FAILED)
      die "stack $stack is $status and cannot be updated: run 'deploy/destroy.sh --stack-name $stack', then this again" ;;
  esac
}

has_parameter() { sed -n '/^Parameters:/,/^[A-Z]/p' "$template" | grep "^  $1:\$" >/dev/null; }

# default_of NAME prints a parameter's default in the template.
default_of() {
  awk -v name="  $1:" '
    /^[A-Za-z]/ { section = $1 }
    section == "Parameters:" && /^  [A-Za-z]/ { here = $0 == name }
    here && $1 == "Default:" { sub(/^ *Default: */, ""); gsub(/"/, ""); print; exit }' "$template"
}

# given NAME prints the value that the command line has for a parameter; its status is 1 where there is none.
given() { value_in "$1" ${options[@]+"${options[@]}"}; }

# deployed NAME prints the value that the stack has now, likewise.
deployed() { value_in "$1" ${previous[@]+"${previous[@]}"}; }

value_in() {
  local name=$1 pair
  shift
  for pair in "$@"; do
    [[ $pair == "$name="* ]] || continue
    printf '%s\n' "${pair#*=}"
    return
  done
  return 1
}

# value NAME prints the value that a parameter will have.
value() { given "$1" || deployed "$1" || default_of "$1"; }

# choose_canary_vpc finds a VPC for a canary that is switched on: the one named, or the stack's, or the default one.
choose_canary_vpc() {
  if [[ -z $canary_vpc && $(given Canary) == on && $(deployed CanaryVpcId) != vpc-* ]]; then
    canary_vpc=$(aws_or_die "find the default VPC" ec2 describe-vpcs --filters Name=is-default,Values=true \
      --query 'Vpcs[0].VpcId' --output text)
    [[ $canary_vpc == vpc-* ]] || die "there is no default VPC in $region: name one with --canary-vpc"
  fi
  [[ -z $canary_vpc ]] || options+=("CanaryVpcId=$canary_vpc")
}

# parameters prints all parameters as the AWS CLI takes them. What an update doesn't name would get the template's default
# again, so the stack's own values come along, without those of parameters that this template no longer has.
parameters() {
  local pair all=("${options[@]}")
  for pair in ${previous[@]+"${previous[@]}"}; do
    if ! given "${pair%%=*}" >/dev/null && has_parameter "${pair%%=*}"; then all+=("$pair"); fi
  done
  for pair in "${all[@]}"; do
    printf 'ParameterKey=%s,ParameterValue="%s"\n' "${pair%%=*}" "${pair#*=}"
  done
}

# make_change_set makes a change set, and sets changes: pending or none. What the change set would change is in
# $notes/changes, as lines of action, replacement, name and type.
make_change_set() {
  local named=() line outcome reason
  while IFS= read -r line; do named+=("$line"); done <"$notes/parameters"
  say "asking CloudFormation what would change"
  change_set=sgwarden-$(date +%s)-$$
  if ! aws cloudformation create-change-set --stack-name "$stack" --change-set-name "$change_set" --change-set-type UPDATE \
    --template-url "$template_url" --parameters "${named[@]}" --capabilities CAPABILITY_IAM >/dev/null 2>"$tmp/complaint"; then
    is_no_change "$(complaint)" || die_of_complaint "cannot make a change set of stack $stack"
    changes=none
    return
  fi
  note change_set "$change_set"
  wait_for_change_set
  case $outcome in
    CREATE_COMPLETE) changes=pending ;;
    *)
      delete_change_set
      is_no_change "$reason" || die "CloudFormation refuses what would change in stack $stack: $reason"
      changes=none
      return ;;
  esac
  aws_or_die "read change set $change_set" cloudformation describe-change-set --stack-name "$stack" --change-set-name "$change_set" --output text \
    --query 'Changes[].ResourceChange.[Action, Replacement, LogicalResourceId, ResourceType]' >"$notes/changes"
}

# wait_for_change_set polls until the change set is made, and sets outcome and reason.
wait_for_change_set() {
  local answer
  while true; do
    answer=$(aws_or_die "look at change set $change_set" cloudformation describe-change-set --stack-name "$stack" \
      --change-set-name "$change_set" --query '[Status, StatusReason]' --output text)
    answer=$(sed -n 1p <<<"$answer") # one line for each page of changes
    IFS=$'\t' read -r outcome reason <<<"$answer"
    [[ $outcome == *_PENDING || $outcome == *_IN_PROGRESS ]] || return 0
    sleep 2
  done
}

# is_no_change TEXT tells whether CloudFormation says that nothing would change. It has two texts for that: see
# https://github.com/ansible-collections/amazon.aws/pull/507.
is_no_change() { [[ $1 == *"didn't contain changes"* || $1 == *'No updates are to be performed'* ]]; }

# delete_change_set deletes the region's change set, if one is there. One that stays does no harm, so its failure is no error.
delete_change_set() {
  local name
  name=$(noted change_set)
  [[ -n $name ]] || return 0
  aws cloudformation delete-change-set --stack-name "$stack" --change-set-name "$name" >/dev/null 2>&1 ||
    say "change set $name of stack $stack could not be deleted; it changes nothing"
  note change_set ''
}
