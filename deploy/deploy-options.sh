# shellcheck shell=bash disable=SC2034,SC2154
# deploy.sh's command line: the help text, and what an option may be. Sourced by deploy.sh, with which it shares variables.

usage() {
  cat <<'HELP'
Usage: deploy/deploy.sh [OPTION...]

Builds sgwarden, uploads it to S3 and creates its CloudFormation stack, or updates the one that is there. Safe to run
again: without changes it changes nothing. An option that is left out keeps the value it has in the stack; the first
time it gets the template's default.

Before it deploys, it checks that sgwarden can work there, shows the account, the region, the mode, what an update
changes and what enforcement would revoke now, and asks. For an update the template is uploaded and a change set is made
before the question; the change set is deleted again where the answer is no.

What sgwarden does:
  --mode MODE          enforce: revoke what no baseline permits; alert: only report  (default: enforce)
  --prefix PATH        path in Parameter Store that holds the baselines      (default: /sg-baseline)
  --grace MINUTES      how long what a baseline permitted before a change stays permitted, 0 to 1440
                                                                                      (default: 10)
  --sweep SCHEDULE     how often to sweep: up to 'rate(1 hour)'          (default: rate(15 minutes))
  --only-tagged VALUE  change only groups whose tag sgwarden has this value; '': all groups
                                                                                (default: all groups)
  --permissions-boundary ARN   IAM policy that bounds all roles of the stack; '': none
                                                                                    (default: none)
Who hears of it:
  --email ADDRESS      send mails about changes, and alarms, to this address; '' removes it again
                                                                                    (default: none)
  --mail-wait SECONDS  how long a mail waits for alerts that belong to it, 1 to 300   (default: 30)
  --contention N       how often a group may be reverted within 30 minutes before an alarm says that
                       two tools are fighting, 1 to 100                                (default: 5)
  --chat on|off        make a topic for a chat, with cards for Amazon Q Developer    (default: off)
  --events on|off      put each alert on the default event bus, for other tools      (default: off)
  --central-topic ARN  alert topic of the organisation's central stack, which then makes the mails;
                       '': this stack makes them                                    (default: none)
  --organization ID    of the central stack: members of this organisation may publish to its alert
                       topic; '': only this account may                             (default: none)
Proof that it works, and logs:
  --canary on|off      prove every 15 minutes that changes are reverted and reported  (default: off)
  --canary-vpc ID      VPC for the canary's security group                  (default: the default VPC)
  --log-level LEVEL    debug, info, warn or error                                    (default: info)
  --log-days DAYS      days that log lines are kept                                    (default: 90)
Where and how to deploy:
  --regions A,B,C      deploy to these regions, one after another; one that fails stops no other.
                       Status 1 where one failed                 (default: the environment's region)
  --stack-name NAME    name of the stack                                         (default: sgwarden)
  --bucket NAME        bucket of this account, in the region, for code and template, created if
                       missing                 (default: sgwarden-artifacts-ACCOUNT-REGION)
  --no-build           deploy what is in build/ already
  --zips DIR           deploy the zips of that directory instead; what enforcement would revoke is
                       then not shown, as that takes Go
  --skip-checks        don't check the region, the trail, the concurrency and the quotas first
  --yes                don't ask; needed where there is no terminal, as in a pipeline
  --help               show this

Account, region and endpoint come from the AWS CLI's ordinary environment: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL ...
HELP
}

parse_options() {
  build=yes zips_given=no checks=yes sure=no
  stack=sgwarden bucket='' canary_vpc='' options=() regions=() zips=$root/build
  while (($#)); do
    if [[ $1 == --*=* ]]; then set -- "${1%%=*}" "${1#*=}" "${@:2}"; fi
    case $1 in
      --help | -h) usage; exit 0 ;;
      --yes | -y) sure=yes; shift ;;
      --skip-checks) checks=no; shift ;;
      --no-build) build=no; shift ;;
      --email | --mode | --prefix | --grace | --sweep | --canary | --canary-vpc | --log-level | --log-days | --stack-name | --bucket | --zips | \
        --mail-wait | --contention | --chat | --events | --only-tagged | --permissions-boundary | --central-topic | --organization | --regions)
        [[ $# -gt 1 && $2 != --* ]] || die "$1 needs a value; see --help"
        take_parameter "$1" "$2"
        take_place "$1" "$2"
        shift 2 ;;
      *) die "unknown option $1; see --help" ;;
    esac
  done
  check_options
}

# take_parameter OPTION VALUE takes an option that is a parameter of the template. Each pattern is the template's own, so that
# a bad value is refused before anything is built or uploaded. Two differ: bash does not know \s, and an address without a
# dot in its domain can get no mail; a repetition of more than 255 is an error in macOS's bash.
take_parameter() {
  local days='^(1|3|5|7|14|30|60|90|120|150|180|365|400|545|731|1096|1827|2192|2557|2922|3288|3653)$'
  case $1 in
    --mode) parameter Mode "$@" '^(enforce|alert)$' 'enforce or alert' ;;
    --prefix)
      is_prefix "$2" || die "--prefix $2: want a path such as /sg-baseline: at most 11 levels and 200 characters (letters, digits, '_', '.', '-'), not beginning with /aws or /ssm"
      parameter BaselinePrefix "$@" '' 'a path' ;;
    --grace) parameter GraceMinutes "$@" '^([0-9]|[1-9][0-9]{1,2}|1[0-3][0-9]{2}|14[0-3][0-9]|1440)$' 'minutes, 0 to 1440' ;;
    --sweep) parameter SweepSchedule "$@" '^rate\((1 minute|([2-9]|[1-5][0-9]|60) minutes|1 hour)\)$' "'rate(N minutes)' or 'rate(1 hour)'" ;;
    --only-tagged) parameter OnlyGroupsTagged "$@" '^[a-zA-Z0-9_.:/=+@-]*$' "the value of a tag, of letters, digits and _.:/=+@-, or ''" ;;
    --permissions-boundary)
      parameter PermissionsBoundaryArn "$@" '^(arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[a-zA-Z0-9_+=,.@/-]+)?$' "the ARN of an IAM policy, or ''" ;;
    --email) parameter AlertEmail "$@" '^([^@[:space:],;<>"]+@[^@[:space:],;<>".]+(\.[^@[:space:],;<>".]+)+)?$' "one e-mail address, such as security@example.com, or ''" ;;
    --mail-wait) parameter MailWaitSeconds "$@" '^([1-9]|[1-9][0-9]|[12][0-9]{2}|300)$' 'seconds, 1 to 300' ;;
    --contention) parameter ContentionReverts "$@" '^([1-9][0-9]?|100)$' 'a number, 1 to 100' ;;
    --chat) parameter Chat "$@" '^(on|off)$' 'on or off' ;;
    --events) parameter Events "$@" '^(on|off)$' 'on or off' ;;
    --central-topic) parameter CentralAlertTopicArn "$@" '^(arn:[a-z0-9-]+:sns:[a-z0-9-]+:[0-9]{12}:[a-zA-Z0-9_-]+)?$' "the ARN of an SNS topic, or ''" ;;
    --organization) parameter OrganizationId "$@" '^(o-[a-z0-9]{10,32})?$' "the id of an organisation, such as o-a1b2c3d4e5, or ''" ;;
    --canary) parameter Canary "$@" '^(on|off)$' 'on or off' ;;
    --log-level) parameter LogLevel "$@" '^(debug|info|warn|error)$' 'debug, info, warn or error' ;;
    --log-days) parameter LogRetentionDays "$@" "$days" 'a number of days that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096 ...' ;;
  esac
}

# is_prefix PATH tells whether SSM takes the names of all parameters below the path. The template explains the rule.
is_prefix() {
  local LC_ALL=C # other locales sort capitals among the small letters
  ((${#1} <= 200)) && [[ $1 =~ ^/([b-rt-zB-RT-Z0-9_.-][a-zA-Z0-9_.-]*|[aA]([a-vx-zA-VX-Z0-9_.-][a-zA-Z0-9_.-]*)?|[aA][wW]([a-rt-zA-RT-Z0-9_.-][a-zA-Z0-9_.-]*)?|[sS]([a-rt-zA-RT-Z0-9_.-][a-zA-Z0-9_.-]*)?|[sS][sS]([a-ln-zA-LN-Z0-9_.-][a-zA-Z0-9_.-]*)?)(/[a-zA-Z0-9_.-]+){0,10}$ ]]
}

# parameter NAME OPTION VALUE PATTERN WANTED takes a value for a parameter of the template.
parameter() {
  want "${@:2}"
  ! given "$1" >/dev/null || die "$2 is given twice"
  has_parameter "$1" || die "$2: the template of this version has no parameter $1: take a newer version"
  options+=("$1=$3")
}

# want OPTION VALUE PATTERN WANTED refuses a value that the pattern does not match.
want() { [[ $2 =~ $3 ]] || die "$1 $2: want $4"; }

# take_place OPTION VALUE takes an option that says where and what to deploy.
take_place() {
  case $1 in
    --canary-vpc)
      want "$@" '^(vpc-[0-9a-f]+)?$' 'the id of a VPC'
      canary_vpc=$2 ;;
    # Functions and rules are called NAME-sweeper, NAME-remediator, ... in at most 64 characters.
    --stack-name)
      want "$@" '^[A-Za-z][A-Za-z0-9-]{0,52}$' 'letters, digits and hyphens, a letter first, at most 53 characters'
      # The stack set would change it back, or fail on it.
      [[ $2 != StackSet-* ]] || die "--stack-name $2: a stack set made this stack, and only the stack set changes it: use deploy/organization.sh in the stack set's account"
      stack=$2 ;;
    --bucket)
      want "$@" '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$' 'the name of an S3 bucket, without s3:// and without a path'
      bucket=$2 ;;
    --zips) build=no zips_given=yes zips=$2 ;;
    --regions) take_regions "$2" ;;
  esac
}

take_regions() {
  local names=${1// /} name
  want --regions "$names" '^[a-z]+(-[a-z]+)+-[0-9]+(,[a-z]+(-[a-z]+)+-[0-9]+)*$' 'names of regions, separated by commas, such as us-east-1,eu-west-1'
  while IFS= read -r name; do
    [[ " ${regions[*]-} " == *" $name "* ]] || regions+=("$name")
  done < <(tr , '\n' <<<"$names")
}

# check_options refuses options that do not go together, and what is missing here.
check_options() {
  local function
  if ((${#regions[@]} > 1)); then
    [[ -z $bucket ]] || die "--bucket $bucket: a bucket belongs to one region: leave it out, and each region gets its own"
    [[ -z $canary_vpc ]] || die "--canary-vpc $canary_vpc: a VPC belongs to one region: leave it out, or deploy that region by itself"
  fi
  if [[ $zips_given == yes ]]; then
    for function in remediator sweeper notifier canary; do
      [[ -s $zips/$function.zip ]] || die "--zips $zips: there is no $function.zip: name the directory with the four zips"
    done
  fi
  [[ $sure == yes ]] || check_terminal
}
