#!/usr/bin/env bash
# Removes sgwarden's CloudFormation stack and the code that was uploaded for it. See --help.
set -euo pipefail
export AWS_PAGER=''
# Where this script is, also where a symbolic link led to it. A readlink without -f (macOS before 12.3) follows no link.
self=$(readlink -f "${BASH_SOURCE[0]}" 2>/dev/null || printf '%s\n' "${BASH_SOURCE[0]}")
# shellcheck source=deploy/common.sh
source "$(dirname "$self")/common.sh"

usage() {
  cat <<'HELP'
Usage: deploy/destroy.sh [OPTION...]

Removes sgwarden's CloudFormation stack, with its logs and whatever waits in its queues, the code and the template that
deploy.sh uploaded for it, the sweeper's note of how far it got, and the notifier's notes of what people were told. Before
it asks, it says what goes. At the end it says what is still there, why, and how to remove each of it.

Security groups stay as they are. So do the documents in Parameter Store: baselines, guardrail, approvals, pause, trust and
prefix lists. Safe to run again, also after a removal that failed.

  --yes                don't ask
  --stack-name NAME    name of the stack                            (default: sgwarden)
  --bucket NAME        bucket with the code; only needed if it was not the default one
                       and the stack is gone already  (default: the one the stack uses)
  --help               show this

Account, region and endpoint come from the AWS CLI's ordinary environment: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL ...
HELP
}

parse_options() {
  sure=no stack=sgwarden bucket='' bucket_stays=''
  while (($#)); do
    if [[ $1 == --*=* ]]; then set -- "${1%%=*}" "${1#*=}" "${@:2}"; fi
    case $1 in
      --help | -h) usage; exit 0 ;;
      --yes | -y) sure=yes; shift; continue ;;
      --stack-name | --bucket) (($# > 1)) || die "$1 needs a value; see --help" ;;
      *) die "unknown option $1; see --help" ;;
    esac
    if [[ $1 == --bucket ]]; then bucket=$2; else stack=$2; fi
    shift 2
  done
  check_stack_name "$stack" # an empty one would be every stack's: what was uploaded is found by the name
}

check_environment() {
  find_region
  account=$(aws_or_die "find out the AWS account" sts get-caller-identity --query Account --output text)
  default_bucket=sgwarden-artifacts-$account-$region
  say "account $account, region $region${AWS_ENDPOINT_URL:+, endpoint $AWS_ENDPOINT_URL}"
}

# read_stack sets status ('' where there is no stack), prefix, organization and bucket.
read_stack() {
  local query="Stacks[0].[[['status', StackStatus]], Parameters[].[ParameterKey, ParameterValue || '']][]"
  local answer name value code=no
  status='' prefix='' organization=''
  answer=$(describe_stack "$stack" "$query")
  while IFS=$'\t' read -r name value; do
    case $name in
      status) status=$value ;;
      BaselinePrefix) prefix=$value ;;
      OrganizationId) organization=$value ;;
      CodeBucket) bucket=${bucket:-$value} code=yes ;;
    esac
  done <<<"$answer"
  bucket=${bucket:-$default_bucket}
  [[ -n $status ]] || return 0
  # Both parameters, since stacks of other projects have a CodeBucket, too.
  [[ $code == yes && -n $prefix ]] || die "stack $stack is not sgwarden's, as it lacks the parameters BaselinePrefix and CodeBucket: leaving it alone"
  check_status
}

# check_status refuses a stack that CloudFormation would not remove now, or that is not this script's to remove. A stack
# of a stack set that is removed by hand leaves an instance behind which the stack set can no longer update.
check_status() {
  [[ $stack != StackSet-* ]] || die "stack $stack belongs to a stack set: take its account out of the stack set instead"
  case $status in
    REVIEW_IN_PROGRESS) ;; # only a change set that nobody has executed
    DELETE_IN_PROGRESS) say "somebody is removing stack $stack already" ;;
    *_IN_PROGRESS) die "stack $stack is $status: wait until that is over, then run this again" ;;
    DELETE_FAILED)
      say "a former removal of stack $stack failed:"
      explain_failure
      say "trying again" ;;
  esac
}

confirm() {
  what_goes
  if [[ $sure == yes ]]; then return; fi
  check_terminal
  ask "Remove all that?" || die "nothing removed"
}

what_goes() {
  [[ -n $status ]] || say "there is no stack $stack in $region of account $account: are --stack-name and AWS_REGION right?"
  printf '\nThis removes from account %s, region %s:\n' "$account" "$region"
  if [[ -n $status ]]; then
    cat <<GOES
  - stack $stack: functions, roles, rules, alarms, dashboard, the topics with all their subscriptions, the logs, and the
    messages in its queues. Nobody can read an alert or a dead letter afterwards that nobody has read before.
  - the functions' notes in Parameter Store: $prefix/sweep, $prefix/sweep-request and $prefix/told/
GOES
  fi
  printf '  - the code and the template in s3://%s/sgwarden/%s/\n' "$bucket" "$stack"
  [[ -z $status ]] || printf '%s\n' "From then on nobody reverts or reports changes of security groups here."
  [[ -z $organization ]] || printf '%s\n' "Stacks of organization $organization may forward their alerts to this stack. Those alerts will end in the stacks' own dead-letter queues."
  printf '\n'
}

remove_stack() {
  local last=''
  [[ -n $status ]] || return 0
  say "removing stack $stack"
  if ! aws cloudformation delete-stack --stack-name "$stack" 2>"$tmp/complaint"; then
    ! grep -q TerminationProtection "$tmp/complaint" || die "cannot remove stack $stack, as it is protected: $(complaint)" \
      "To end the protection: aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name $stack"
    die "cannot remove stack $stack: $(complaint)"
  fi
  while true; do
    status=$(describe_stack "$stack" 'Stacks[0].StackStatus')
    case $status in
      '' | DELETE_COMPLETE) break ;;
      DELETE_FAILED) stuck ;;
    esac
    [[ $status == "$last" ]] || say "$status"
    last=$status
    sleep 5
  done
  say "stack $stack is gone"
}

# stuck says why CloudFormation could not remove the stack, and how to remove all but what is in the way.
stuck() {
  local kept
  explain_failure
  kept=$(aws cloudformation list-stack-resources --stack-name "$stack" --output text --query \
    "StackResourceSummaries[?ResourceStatus == 'DELETE_FAILED'].LogicalResourceId" 2>/dev/null | tr -s '\t\n' ' ') || kept=''
  die "stack $stack could not be removed. Remove what the reasons above name, then run this again. To remove the stack and" \
    "keep what is in the way: aws cloudformation delete-stack --stack-name $stack --retain-resources ${kept:-NAME...}"
}

# explain_failure prints what could not be removed and why, the oldest first, as later failures follow from it.
explain_failure() {
  aws cloudformation describe-stack-events --stack-name "$stack" --output text --query \
    "reverse(StackEvents[?ResourceStatus == 'DELETE_FAILED' && ResourceType != 'AWS::CloudFormation::Stack']) | [:8].[LogicalResourceId, ResourceStatusReason]" >&2 || true
}

remove_code() {
  if ! aws s3api head-bucket --bucket "$bucket" --expected-bucket-owner "$account" >/dev/null 2>"$tmp/complaint"; then
    grep -q '(404)' "$tmp/complaint" || die "cannot use bucket $bucket (is it another account's?): $(complaint)"
    say "there is no bucket $bucket"
    return
  fi
  say "removing s3://$bucket/sgwarden/$stack/"
  aws_or_die "remove the code in bucket $bucket" s3 rm --recursive --only-show-errors "s3://$bucket/sgwarden/$stack/"
  if [[ $bucket == "$default_bucket" ]]; then
    remove_bucket
  else
    bucket_stays="you named it, so sgwarden took out only its own files"
  fi
}

remove_bucket() {
  if aws s3api delete-bucket --bucket "$bucket" 2>"$tmp/complaint"; then
    say "bucket $bucket was empty and is gone"
  elif grep -q BucketNotEmpty "$tmp/complaint"; then
    say "bucket $bucket stays: there is something else in it"
    bucket_stays="other stacks have code in it, or it keeps former versions of objects"
  else
    die "cannot remove bucket $bucket: $(complaint)"
  fi
}

# remove_notes removes what the functions noted, after the stack, so that nothing writes it again. Without a stack its prefix is not known, and they stay.
remove_notes() {
  [[ -n $prefix ]] || return 0
  # SSM deletes up to ten in a call.
  aws_or_die "remove parameters $prefix/sweep, $prefix/sweep-request and $prefix/told/0 to 7" \
    ssm delete-parameters --names "$prefix/sweep" "$prefix/sweep-request" "$prefix"/told/{0..7} >/dev/null
  aws_or_die "remove parameters $prefix/told/8 to f" ssm delete-parameters --names "$prefix"/told/{8,9,a,b,c,d,e,f} >/dev/null
}

# what_stays names what is left, why, and how to remove it. Source of the seven days: PendingWindowInDays in the template.
# That a key costs nothing meanwhile: AWS KMS pricing. That SNS deletes the subscriptions of a topic with it: DeleteTopic.
what_stays() {
  printf '\nWhat is still there, and why:\n'
  if [[ -n $prefix ]]; then documents_stay; fi
  if [[ -n $bucket_stays ]]; then
    cat <<BUCKET
  - Bucket $bucket: $bucket_stays. To delete it with all that is in it (refused where the bucket keeps former versions):
      aws s3 rb --force s3://$bucket
BUCKET
  fi
  [[ -z $prefix ]] || cat <<KEY
  - The key that encrypted messages on their way: KMS deletes it in 7 days and charges nothing until then. Nothing needs it.
KEY
  cat <<REST
  - The CloudTrail trail: the stack did not make it, and others may use it. If it was for sgwarden alone:
      aws cloudtrail delete-trail --name NAME
  - What people made themselves: queues and other receivers of alerts, whose subscriptions are gone with the topics, a chat
    channel in Amazon Q Developer, and policies such as that of deploy/oncall-policy.json. Remove these where they are.
  - Figures in CloudWatch: nobody can delete them, and CloudWatch does after 15 months.
REST
}

documents_stay() {
  cat <<NEXT
  - The baselines, the guardrail, the approvals, the pause, the trust and the prefix lists under $prefix in Parameter Store:
    people wrote them, and the next deployment goes on with them. Alerts that were never delivered are there too, under
    $prefix/unreported, if there are any. To delete all of them, after 'deploy/baseline.sh pull' if you want files:
      aws ssm get-parameters-by-path --path $prefix --recursive --query 'Parameters[].[Name]' --output text |
        xargs -n 10 aws ssm delete-parameters --names
NEXT
}

main() {
  parse_options "$@"
  make_tmp
  check_environment
  read_stack
  confirm
  remove_stack
  remove_notes
  remove_code
  what_stays
}

main "$@"
