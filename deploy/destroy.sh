#!/usr/bin/env bash
# Removes sgwarden's CloudFormation stack and the code that was uploaded for it. See --help.
set -euo pipefail
export AWS_PAGER=''
# shellcheck source=deploy/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<'HELP'
Usage: deploy/destroy.sh [OPTION...]

Removes sgwarden's CloudFormation stack, with its logs and whatever waits in its dead-letter queues, the code and the
template that deploy.sh uploaded for it, the sweeper's note of how far it got, and the notifier's notes of what people were
told. Security groups stay as they are, and so do the baselines, the guardrail, the approvals, the pause and the trust in
Parameter Store. Safe to run again.

  --yes                don't ask
  --stack-name NAME    name of the stack                            (default: sgwarden)
  --bucket NAME        bucket with the code; only needed if it was not the default one
                       and the stack is gone already  (default: the one the stack uses)
  --help               show this

Account, region and endpoint come from the AWS CLI's ordinary environment: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL ...
HELP
}

parse_options() {
  sure=no stack=sgwarden bucket=''
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

# read_stack sets status ('' where there is no stack), prefix and bucket.
read_stack() {
  local query="Stacks[0].[[['status', StackStatus]], Parameters[].[ParameterKey, ParameterValue || '']][]"
  local answer name value ours=no
  status='' prefix=''
  answer=$(describe_stack "$stack" "$query")
  while IFS=$'\t' read -r name value; do
    case $name in
      status) status=$value ;;
      BaselinePrefix) prefix=$value ;;
      CodeBucket) bucket=${bucket:-$value} ours=yes ;;
    esac
  done <<<"$answer"
  bucket=${bucket:-$default_bucket}
  [[ -z $status || $ours == yes ]] || die "stack $stack is not sgwarden's: leaving it alone"
}

confirm() {
  if [[ $sure == yes ]]; then return; fi
  check_terminal
  ask "Remove stack $stack, its logs, its dead-letter queues and its code in bucket $bucket?" || die "nothing removed"
}

remove_stack() {
  local last=''
  if [[ -z $status ]]; then
    say "there is no stack $stack"
    return
  fi
  say "removing stack $stack"
  aws_or_die "remove stack $stack" cloudformation delete-stack --stack-name "$stack"
  while true; do
    status=$(describe_stack "$stack" 'Stacks[0].StackStatus')
    case $status in
      '' | DELETE_COMPLETE) break ;;
      DELETE_FAILED) explain_failure; die "stack $stack could not be removed" ;;
    esac
    [[ $status == "$last" ]] || say "$status"
    last=$status
    sleep 5
  done
  say "stack $stack is gone"
}

explain_failure() {
  aws cloudformation describe-stack-events --stack-name "$stack" --output text --query \
    "StackEvents[?ResourceStatus == 'DELETE_FAILED'] | [:8].[LogicalResourceId, ResourceStatusReason]" >&2 || true
}

remove_code() {
  if ! aws s3api head-bucket --bucket "$bucket" --expected-bucket-owner "$account" >/dev/null 2>"$tmp/complaint"; then
    grep -q '(404)' "$tmp/complaint" || die "cannot use bucket $bucket (is it another account's?): $(complaint)"
    say "there is no bucket $bucket"
    return
  fi
  say "removing s3://$bucket/sgwarden/$stack/"
  aws_or_die "remove the code in bucket $bucket" s3 rm --recursive --only-show-errors "s3://$bucket/sgwarden/$stack/"
  if [[ $bucket == "$default_bucket" ]]; then remove_bucket; fi
}

remove_bucket() {
  if aws s3api delete-bucket --bucket "$bucket" 2>"$tmp/complaint"; then
    say "bucket $bucket was empty and is gone"
  elif grep -q BucketNotEmpty "$tmp/complaint"; then
    say "bucket $bucket stays: there is something else in it"
  else
    die "cannot remove bucket $bucket: $(complaint)"
  fi
}

# remove_notes removes what the functions noted, after the stack, so that nothing writes it again. Without a stack its prefix is not known, and they stay.
remove_notes() {
  [[ -n $prefix ]] || return 0
  aws_or_die "remove parameters $prefix/sweep and $prefix/sweep-request" \
    ssm delete-parameters --names "$prefix/sweep" "$prefix/sweep-request" >/dev/null
  aws_or_die "remove parameters $prefix/told/0 to 7" ssm delete-parameters --names "$prefix"/told/{0..7} >/dev/null
  aws_or_die "remove parameters $prefix/told/8 to f" ssm delete-parameters --names "$prefix"/told/{8,9,a,b,c,d,e,f} >/dev/null
}

what_stays() {
  [[ -n $prefix ]] || return 0
  cat <<NEXT

The baselines, the guardrail, the approvals, the pause and the trust under $prefix in Parameter Store are still there, and
alerts that were never delivered under $prefix/unreported, if there are any. To delete them too:
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
