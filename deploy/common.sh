# shellcheck shell=bash
# What the scripts share; they source it.

say() { printf '==> %s\n' "$*"; }

# die MESSAGE ends the script, or the subshell that it is called in. A caller that names a file in last_words finds the
# message there too.
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  [[ -z ${last_words-} ]] || printf '%s\n' "$*" >"$last_words"
  exit 1
}

# make_tmp makes $tmp, a directory for what is noted, until the script ends.
make_tmp() {
  tmp=$(mktemp -d)
  trap 'rm -rf "$tmp"' EXIT
  trap interrupted INT
}

# interrupted ends the script after Ctrl-C. Without a trap bash goes on: the AWS CLI ends with a status where it is
# interrupted, as after any other failure, and bash takes only a command that the signal ends for an interrupt of its own.
interrupted() {
  printf '\n%s\n' "${0##*/}: interrupted. What CloudFormation has begun goes on: look at the stack before you run this again" >&2
  exit 130
}

# aws_or_die DOING COMMAND... runs an AWS CLI command; its complaint becomes one line that says what was being done.
aws_or_die() {
  local doing=$1
  shift
  aws "$@" 2>"$tmp/complaint" || die_of_complaint "cannot $doing"
}

# die_of_complaint MESSAGE ends the script with the message, what can be done, and the AWS CLI's last complaint.
die_of_complaint() {
  local advice
  advice=$(advice)
  die "$1: ${advice:+$advice: }$(complaint)"
}

complaint() { tr -s '[:space:]' ' ' <"$tmp/complaint" | sed 's/^ //; s/ $//'; }

# was_denied tells whether the AWS CLI's last complaint is about a missing permission.
was_denied() { grep -qE 'AccessDenied|UnauthorizedOperation|AuthorizationError|[Nn]ot authorized' "$tmp/complaint"; }

# advice prints what to do about the AWS CLI's last complaint, nothing where only the complaint itself can tell.
advice() {
  local text action
  text=$(complaint)
  case $text in
    *ExpiredToken* | *RequestExpired* | *[Tt]'oken has expired'* | *'SSO session'*)
      echo "the credentials have expired, so sign in again (aws sso login, or new keys), then run this again" ;;
    *'Unable to locate credentials'* | *NoCredentials* | *'Partial credentials'*)
      echo "there are no credentials, so set AWS_PROFILE, or run 'aws configure'" ;;
    *'profile ('*'could not be found'*)
      echo "AWS_PROFILE names a profile that the AWS CLI's configuration does not have ('aws configure list-profiles' lists them)" ;;
    *InvalidClientTokenId* | *UnrecognizedClient* | *AuthFailure* | *InvalidAccessKeyId* | *SignatureDoesNotMatch*)
      echo "the credentials do not count in region ${AWS_REGION-}, so check the keys, and that the region is enabled in the account" ;;
    *'Could not connect to the endpoint'* | *'onnect timeout'*)
      echo "nothing answers, so check the network, and that ${AWS_REGION-} is the name of a region" ;;
    *)
      was_denied || return 0
      action=$(sed -nE 's/.*not authorized to perform: ([A-Za-z0-9-]+:[A-Za-z*]+).*/\1/p' "$tmp/complaint" | sed -n 1p)
      echo "a permission is missing, so ask whoever administers the account to allow ${action:-this call}" ;;
  esac
}

# find_region sets region, for the AWS CLI too.
find_region() {
  command -v aws >/dev/null || die "the AWS CLI is missing: install it (https://aws.amazon.com/cli/) or put it on PATH"
  region=${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region || true)}}
  [[ -n $region ]] || die "no region: set AWS_REGION, or run 'aws configure'"
  use_region
}

# use_region has the AWS CLI work in $region.
use_region() { export AWS_REGION=$region AWS_DEFAULT_REGION=$region; } # version 1 of the CLI knows only the second

# check_stack_name NAME refuses what CloudFormation would, '' above all.
check_stack_name() { [[ $1 =~ ^[A-Za-z][A-Za-z0-9-]*$ ]] || die "--stack-name '$1' is not the name of a stack"; }

# describe_stack NAME QUERY prints what the query finds in the stack's description, nothing where there is no stack.
describe_stack() {
  aws cloudformation describe-stacks --stack-name "$1" --query "$2" --output text 2>"$tmp/complaint" ||
    grep -q 'does not exist' "$tmp/complaint" || die_of_complaint "cannot look at stack $1"
}

check_terminal() { [[ -t 0 ]] || die "this is not a terminal to ask on: say --yes"; }

# ask QUESTION says whether somebody answered yes.
ask() {
  local answer=''
  read -rp "$1 [y/N] " answer || true
  [[ $answer == [yY] || $answer == [yY][eE][sS] ]]
}
