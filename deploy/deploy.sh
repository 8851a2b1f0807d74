#!/usr/bin/env bash
# Builds sgwarden and creates or updates its CloudFormation stack. See --help.
set -euo pipefail
export AWS_PAGER=''
# shellcheck source=deploy/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<'HELP'
Usage: deploy/deploy.sh [OPTION...]

Builds sgwarden, uploads it to S3 and creates its CloudFormation stack, or updates the one that is there. Safe to run
again: without changes it changes nothing. An option that is left out keeps the value it has in the stack; the first
time it gets the template's default.

  --email ADDRESS      send mails about changes, and alarms, to this address; '' removes it again
                                                                                    (default: none)
  --mail-wait SECONDS  how long a mail waits for alerts that belong to it, 1 to 300   (default: 30)
  --contention N       how often a group may be reverted within 30 minutes before an alarm says that
                       two tools are fighting, 1 to 100                                (default: 5)
  --chat on|off        make a topic for a chat, with cards for Amazon Q Developer    (default: off)
  --events on|off      put each alert on the default event bus, for other tools      (default: off)
  --mode MODE          enforce: revoke what no baseline permits; alert: only report  (default: enforce)
  --prefix PATH        path in Parameter Store that holds the baselines      (default: /sg-baseline)
  --grace MINUTES      how long what a baseline permitted before a change stays permitted, 0 to 1440
                                                                                      (default: 10)
  --sweep SCHEDULE     how often to sweep: up to 'rate(1 hour)'          (default: rate(15 minutes))
  --canary on|off      prove every 15 minutes that changes are reverted and reported  (default: off)
  --canary-vpc ID      VPC for the canary's security group                  (default: the default VPC)
  --log-level LEVEL    debug, info, warn or error                                    (default: info)
  --log-days DAYS      days that log lines are kept                                    (default: 90)
  --stack-name NAME    name of the stack                                         (default: sgwarden)
  --bucket NAME        bucket of this account for code and template, created if missing
                                               (default: sgwarden-artifacts-ACCOUNT-REGION)
  --no-build           deploy what is in build/ already
  --zips DIR           deploy the zips of that directory instead
  --help               show this

Account, region and endpoint come from the AWS CLI's ordinary environment: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL ...
HELP
}

sha256() { if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1; }

# is_prefix PATH tells whether SSM takes the names of all parameters below the path. The template explains the rule.
is_prefix() {
  local LC_ALL=C # other locales sort capitals among the small letters
  ((${#1} <= 200)) && [[ $1 =~ ^/([b-rt-zB-RT-Z0-9_.-][a-zA-Z0-9_.-]*|[aA]([a-vx-zA-VX-Z0-9_.-][a-zA-Z0-9_.-]*)?|[aA][wW]([a-rt-zA-RT-Z0-9_.-][a-zA-Z0-9_.-]*)?|[sS]([a-rt-zA-RT-Z0-9_.-][a-zA-Z0-9_.-]*)?|[sS][sS]([a-ln-zA-LN-Z0-9_.-][a-zA-Z0-9_.-]*)?)(/[a-zA-Z0-9_.-]+){0,10}$ ]]
}

parse_options() {
  build=yes stack=sgwarden bucket='' canary_vpc='' options=() zips=$root/build
  while (($#)); do
    if [[ $1 == --*=* ]]; then set -- "${1%%=*}" "${1#*=}" "${@:2}"; fi
    case $1 in
      --help | -h) usage; exit 0 ;;
      --no-build) build=no; shift; continue ;;
      --email | --mode | --prefix | --grace | --sweep | --canary | --canary-vpc | --log-level | --log-days | --stack-name | --bucket | --zips | \
        --mail-wait | --contention | --chat | --events)
        (($# > 1)) || die "$1 needs a value; see --help" ;;
      *) die "unknown option $1; see --help" ;;
    esac
    case $1 in
      --email) options+=("AlertEmail=$2") ;;
      --mode)
        [[ $2 == enforce || $2 == alert ]] || die "--mode $2: want enforce or alert"
        options+=("Mode=$2") ;;
      --prefix)
        is_prefix "$2" || die "--prefix $2: want a path such as /sg-baseline: at most 11 levels and 200 characters (letters, digits, '_', '.', '-'), not beginning with /aws or /ssm"
        options+=("BaselinePrefix=$2") ;;
      --grace)
        [[ $2 =~ ^([0-9]|[1-9][0-9]{1,2}|1[0-3][0-9]{2}|14[0-3][0-9]|1440)$ ]] || die "--grace $2: want minutes, 0 to 1440"
        options+=("GraceMinutes=$2") ;;
      --sweep)
        [[ $2 =~ ^rate\((1 minute|([2-9]|[1-5][0-9]|60) minutes|1 hour)\)$ ]] ||
          die "--sweep $2: want 'rate(N minutes)' or 'rate(1 hour)'"
        options+=("SweepSchedule=$2") ;;
      --canary)
        [[ $2 == on || $2 == off ]] || die "--canary $2: want on or off"
        options+=("Canary=$2") ;;
      --mail-wait)
        [[ $2 =~ ^([1-9]|[1-9][0-9]|[12][0-9]{2}|300)$ ]] || die "--mail-wait $2: want seconds, 1 to 300"
        options+=("MailWaitSeconds=$2") ;;
      --contention)
        [[ $2 =~ ^([1-9][0-9]?|100)$ ]] || die "--contention $2: want a number, 1 to 100"
        options+=("ContentionReverts=$2") ;;
      --chat)
        [[ $2 == on || $2 == off ]] || die "--chat $2: want on or off"
        options+=("Chat=$2") ;;
      --events)
        [[ $2 == on || $2 == off ]] || die "--events $2: want on or off"
        options+=("Events=$2") ;;
      --canary-vpc)
        [[ $2 =~ ^vpc-[0-9a-f]+$ ]] || die "--canary-vpc $2: want the id of a VPC"
        canary_vpc=$2 ;;
      --log-level) options+=("LogLevel=$2") ;;
      --log-days) options+=("LogRetentionDays=$2") ;;
      --stack-name) stack=$2 ;;
      --zips) build=no zips=$2 ;;
      --bucket) bucket=$2 ;;
    esac
    shift 2
  done
  # Functions and rules are called NAME-sweeper, NAME-remediator, ... in at most 64 characters.
  [[ $stack =~ ^[A-Za-z][A-Za-z0-9-]{0,52}$ ]] ||
    die "--stack-name $stack: must be letters, digits and hyphens, start with a letter, and have at most 53 characters"
}

check_environment() {
  command -v aws >/dev/null || die "the AWS CLI is missing: install it (https://aws.amazon.com/cli/) or put it on PATH"
  region=${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region || true)}}
  [[ -n $region ]] || die "no region: set AWS_REGION, or run 'aws configure'"
  export AWS_REGION=$region AWS_DEFAULT_REGION=$region # version 1 of the CLI knows only the second
  account=$(aws_or_die "find out the AWS account" sts get-caller-identity --query Account --output text)
  say "account $account, region $region${AWS_ENDPOINT_URL:+, endpoint $AWS_ENDPOINT_URL}"
}

build_code() {
  local function
  if [[ $build == yes ]]; then
    say "building"
    make -C "$root" build
  fi
  for function in remediator sweeper notifier canary; do
    [[ -s $zips/$function.zip ]] || die "$zips/$function.zip is missing: run 'make build', or leave out --no-build"
  done
}

# read_stack sets status ('' where there is no stack), previous (its parameters, each as NAME=VALUE) and bucket.
read_stack() {
  local query="Stacks[0].[[['status', StackStatus]], Parameters[].[ParameterKey, ParameterValue || '']][]"
  local answer name value ours=no
  status='' previous=()
  if answer=$(aws cloudformation describe-stacks --stack-name "$stack" --query "$query" --output text 2>"$tmp/complaint"); then
    while IFS=$'\t' read -r name value; do
      case $name in
        status) status=$value ;;
        CodeBucket) bucket=${bucket:-$value} ours=yes ;;
        *) previous+=("$name=$value") ;;
      esac
    done <<<"$answer"
  elif ! grep -q 'does not exist' "$tmp/complaint"; then
    die "cannot look at stack $stack: $(complaint)"
  fi
  bucket=${bucket:-sgwarden-artifacts-$account-$region}
  [[ -n $status ]] || return 0
  [[ $ours == yes ]] || die "stack $stack is not sgwarden's: choose another --stack-name"
  case $status in
    *_IN_PROGRESS) die "stack $stack is $status: wait until that is over, then run this again" ;;
    CREATE_FAILED | ROLLBACK_* | DELETE_FAILED)
      die "stack $stack is $status and cannot be updated: run 'deploy/destroy.sh --stack-name $stack', then this again" ;;
  esac
}

# choose_canary_vpc finds a VPC for a canary that is switched on: the one named, or the stack's, or the default one.
choose_canary_vpc() {
  if [[ -z $canary_vpc && " ${options[*]-} " == *' Canary=on '* && " ${previous[*]-} " != *' CanaryVpcId=vpc-'* ]]; then
    canary_vpc=$(aws_or_die "find the default VPC" ec2 describe-vpcs --filters Name=is-default,Values=true \
      --query 'Vpcs[0].VpcId' --output text)
    [[ $canary_vpc == vpc-* ]] || die "there is no default VPC in $region: name one with --canary-vpc"
  fi
  [[ -z $canary_vpc ]] || options+=("CanaryVpcId=$canary_vpc")
}

# The name of the default bucket can be guessed, so make sure whose bucket it is before code goes there.
ensure_bucket() {
  local in_region=()
  if aws s3api head-bucket --bucket "$bucket" --expected-bucket-owner "$account" >/dev/null 2>"$tmp/complaint"; then return; fi
  grep -q '(404)' "$tmp/complaint" || die "cannot use bucket $bucket (is it another account's?): $(complaint)"
  say "creating bucket $bucket"
  [[ $region == us-east-1 ]] || in_region=(--create-bucket-configuration "LocationConstraint=$region")
  aws_or_die "create bucket $bucket" s3api create-bucket --bucket "$bucket" ${in_region[@]+"${in_region[@]}"} >/dev/null
  aws_or_die "block public access to bucket $bucket" s3api put-public-access-block --bucket "$bucket" \
    --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
}

# upload FILE uploads a file under a key that changes with its content, and sets key.
upload() {
  local name=${1##*/}
  key=sgwarden/$stack/${name%.*}-$(sha256 "$1").${name##*.}
  say "uploading s3://$bucket/$key"
  aws_or_die "upload $1" s3api put-object --bucket "$bucket" --expected-bucket-owner "$account" --key "$key" --body "$1" \
    --server-side-encryption AES256 >/dev/null
}

# upload_code FUNCTION PARAMETER uploads a function's zip for that template parameter.
upload_code() {
  upload "$zips/$1.zip"
  options+=("$2=$key")
}

# upload_template sets template_url. CloudFormation takes a template of up to 1 MB from S3, and of 51,200 bytes otherwise.
# The URL names the bucket in its path, as that of 'aws cloudformation deploy' does, so that any bucket name will do.
upload_template() {
  local domain=amazonaws.com
  [[ $region != cn-* ]] || domain=amazonaws.com.cn
  upload "$template"
  template_url=https://s3.$region.$domain/$bucket/$key
}

# parameters prints all parameters as the AWS CLI takes them. What an update doesn't name would get the template's default
# again, so the stack's own values come along, without those of parameters that this template no longer has.
parameters() {
  local option given=, name
  for option in "${options[@]}"; do given+=${option%%=*},; done
  for option in ${previous[@]+"${previous[@]}"}; do
    name=${option%%=*}
    if [[ $given != *,$name,* ]] && has_parameter "$name"; then options+=("$option"); fi
  done
  for option in "${options[@]}"; do
    printf 'ParameterKey=%s,ParameterValue="%s"\n' "${option%%=*}" "${option#*=}"
  done
}

has_parameter() { sed -n '/^Parameters:/,/^[A-Z]/p' "$template" | grep "^  $1:\$" >/dev/null; }

# put_stack creates or updates the stack and waits for the outcome.
put_stack() {
  local verb=create named=() line
  [[ -z $status ]] || verb=update
  while IFS= read -r line; do named+=("$line"); done < <(parameters)
  say "$verb stack $stack"
  if ! aws cloudformation "$verb-stack" --stack-name "$stack" --template-url "$template_url" \
    --parameters "${named[@]}" --capabilities CAPABILITY_IAM >/dev/null 2>"$tmp/complaint"; then
    grep -q 'No updates are to be performed' "$tmp/complaint" || die "cannot $verb stack $stack: $(complaint)"
    say "no changes"
  fi
  wait_for_stack
}

# wait_for_stack polls until the stack is at rest, leaving status, mails, alerts, alarms, chat and prefix.
wait_for_stack() {
  local query answer last='' name
  query='Stacks[0].[StackStatus'
  for name in MailTopicArn AlertTopicArn AlarmTopicArn ChatTopicArn BaselinePrefix; do query+=", Outputs[?OutputKey=='$name'].OutputValue | [0]"; done
  while true; do
    answer=$(aws_or_die "look at stack $stack" cloudformation describe-stacks --stack-name "$stack" --query "$query]" --output text)
    IFS=$'\t' read -r status mails alerts alarms chat prefix <<<"$answer"
    [[ $status == *_IN_PROGRESS ]] || break
    [[ $status == "$last" ]] || say "$status"
    last=$status
    sleep 5
  done
  case $status in
    CREATE_COMPLETE | UPDATE_COMPLETE) say "$status" ;;
    *) explain_failure; die "stack $stack ended as $status" ;;
  esac
}

explain_failure() {
  aws cloudformation describe-stack-events --stack-name "$stack" --output text --query \
    "StackEvents[?ends_with(ResourceStatus, '_FAILED')] | [:8].[LogicalResourceId, ResourceStatusReason]" >&2 || true
}

next_steps() {
  cat <<NEXT

Mails for people go to $mails
Alarms go to $alarms
Alerts for machines go to $alerts
NEXT
  [[ $chat != arn:* ]] || printf '%s\n' "Cards for a chat go to $chat: add that topic to the channel in Amazon Q Developer"
  cat <<NEXT

Next:
  1. Confirm both subscriptions, if you gave an e-mail address: SNS has sent it two links, one for the mails and one for
     the alarms. Or subscribe something else to each of the two topics:
       aws sns subscribe --topic-arn TOPIC --protocol PROTOCOL --notification-endpoint ENDPOINT
  2. Make sure that a CloudTrail trail logs management events in $region: without one no event comes.
  3. If not done yet, push the baselines, to $prefix/groups/. Groups without one are left alone, unless $prefix/guardrail forbids
     what they open.
With --canary on, a canary flies every 15 minutes; one at once: aws lambda invoke --function-name $stack-canary /dev/stdout
NEXT
}

main() {
  root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
  template=$root/deploy/template.yaml
  parse_options "$@"
  make_tmp
  check_environment
  build_code
  read_stack
  choose_canary_vpc
  ensure_bucket
  options+=("CodeBucket=$bucket")
  upload_code remediator RemediatorCodeKey
  upload_code sweeper SweeperCodeKey
  upload_code notifier NotifierCodeKey
  upload_code canary CanaryCodeKey
  upload_template
  put_stack
  next_steps
}

main "$@"
