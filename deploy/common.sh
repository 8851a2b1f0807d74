# shellcheck shell=bash
# What the scripts share; they source it.

say() { printf '==> %s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# make_tmp makes $tmp, a directory for what is noted, until the script ends.
make_tmp() {
  tmp=$(mktemp -d)
  trap 'rm -rf "$tmp"' EXIT
}

# aws_or_die DOING COMMAND... runs an AWS CLI command; its complaint becomes one line that says what was being done.
aws_or_die() {
  local doing=$1
  shift
  aws "$@" 2>"$tmp/complaint" || die "cannot $doing: $(complaint)"
}

complaint() { tr -s '\n' ' ' <"$tmp/complaint"; }

# find_region sets region, for the AWS CLI too.
find_region() {
  command -v aws >/dev/null || die "the AWS CLI is missing: install it (https://aws.amazon.com/cli/) or put it on PATH"
  region=${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region || true)}}
  [[ -n $region ]] || die "no region: set AWS_REGION, or run 'aws configure'"
  export AWS_REGION=$region AWS_DEFAULT_REGION=$region # version 1 of the CLI knows only the second
}

# check_stack_name NAME refuses what CloudFormation would, '' above all.
check_stack_name() { [[ $1 =~ ^[A-Za-z][A-Za-z0-9-]*$ ]] || die "--stack-name '$1' is not the name of a stack"; }

# describe_stack NAME QUERY prints what the query finds in the stack's description, nothing where there is no stack.
describe_stack() {
  aws cloudformation describe-stacks --stack-name "$1" --query "$2" --output text 2>"$tmp/complaint" ||
    grep -q 'does not exist' "$tmp/complaint" || die "cannot look at stack $1: $(complaint)"
}

check_terminal() { [[ -t 0 ]] || die "this is not a terminal to ask on: say --yes"; }

# ask QUESTION says whether somebody answered yes.
ask() {
  local answer=''
  read -rp "$1 [y/N] " answer || true
  [[ $answer == [yY] || $answer == [yY][eE][sS] ]]
}
