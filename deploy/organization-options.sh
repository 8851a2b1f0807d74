# shellcheck shell=bash disable=SC2034,SC2154
# organization.sh's command line: the help text, and what an option may be. Sourced by organization.sh, with which it shares
# variables. deploy-options.sh knows the options that deploy.sh has too.

usage() {
  cat <<'HELP'
Usage: deploy/organization.sh --ou ID,... --regions A,B,... [OPTION...]
       deploy/organization.sh --remove [--yes]

Rolls sgwarden out over an organisation: each account and region of the organisational units gets a small stack of its own,
by a CloudFormation stack set, and so do accounts that join later. Run it in the management account, or in that of a
delegated administrator for StackSets. AWS_REGION is the home region: the stack set and the central stack are there.

Running it again updates everything to this version. An option that is left out keeps its value. What fails in one account
or region stops no other, is named in the summary, and makes the status 1.

Where:
  --ou ID,ID           organisational units whose accounts get stacks, those of units below them too; the id of the root
                       stands for the whole organisation. A unit that is left out later loses its stacks
  --regions A,B        regions in which each account gets a stack. A region that is left out later loses its stacks
  --exclude ID,ID      accounts of these units that get none; '': each gets one                       (default: none)
  --percent N          in how many per cent of the accounts CloudFormation works at a time, 1 to 100    (default: 25)
Who hears of it:
  --central-email ADDRESS   deploy a central stack in this account and the home region too, with deploy.sh, and mail the
                       alerts of all accounts from there to this address. This account's own regions then get ordinary
                       stacks, with deploy.sh as well
  --central-topic ARN  alert topic of a central stack that is there already; '': each stack makes its own mails
  --email ADDRESS      send the alarms of each stack to this address too, which has to be confirmed in each account and
                       region; without a central stack the mails as well                              (default: none)
What each stack does:
  --mode MODE          alert: only report; enforce: revoke what no baseline permits                   (default: alert)
  --only-tagged VALUE, --prefix PATH, --grace MINUTES, --sweep SCHEDULE, --mail-wait SECONDS, --contention N,
  --events on|off, --log-level LEVEL, --log-days DAYS         as for deploy.sh, see deploy/deploy.sh --help
How:
  --stack-name NAME    name of the stack that holds the stack set                    (default: sgwarden-organization)
  --bucket NAME        beginning of the names of the buckets for code, one in each region, NAME-REGION, which the
                       organisation may read below sgwarden/           (default: sgwarden-artifacts-ACCOUNT)
  --no-build           roll out what is in build/ already
  --zips DIR           roll out the zips of that directory instead
  --remove             delete all stacks that the stack set has made, and the stack set
  --yes                don't ask; needed where there is no terminal, as in a pipeline
  --help               show this
HELP
}

parse_options() {
  build=yes zips_given=no sure=no remove=no zips=$root/build
  stack=sgwarden-organization bucket='' options=() regions=() passed=() central_email='' central_topic_given=no
  while (($#)); do
    if [[ $1 == --*=* ]]; then set -- "${1%%=*}" "${1#*=}" "${@:2}"; fi
    case $1 in
      --help | -h) usage; exit 0 ;;
      --yes | -y) sure=yes; shift ;;
      --remove) remove=yes; shift ;;
      --no-build) build=no; shift ;;
      --ou | --regions | --exclude | --percent | --central-email | --central-topic | --email | --mode | --only-tagged | --prefix | \
        --grace | --sweep | --mail-wait | --contention | --events | --log-level | --log-days | --stack-name | --bucket | --zips)
        [[ $# -gt 1 && $2 != --* ]] || die "$1 needs a value; see --help"
        take_option "$1" "$2"
        shift 2 ;;
      *) die "unknown option $1; see --help" ;;
    esac
  done
  [[ -z $central_email || $central_topic_given == no ]] ||
    die "--central-email makes a central stack, and --central-topic names another: give one of them"
  [[ $sure == yes ]] || check_terminal
}

take_option() {
  case $1 in
    --ou)
      parameter OrganizationalUnitIds "$1" "${2// /}" '^(ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}|r-[a-z0-9]{4,32})(,(ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}|r-[a-z0-9]{4,32}))*$' \
        "ids of organisational units, separated by commas, such as ou-a1b2-c3d4e5f6, or the root's, such as r-a1b2" ;;
    --exclude) parameter ExcludedAccounts "$1" "${2// /}" '^([0-9]{12}(,[0-9]{12})*)?$' "ids of accounts, separated by commas, or ''" ;;
    --percent) parameter MaxConcurrentPercentage "$@" '^([1-9][0-9]?|100)$' 'a number, 1 to 100' ;;
    --central-email)
      want "$@" '^[^@[:space:],;<>"]+@[^@[:space:],;<>".]+(\.[^@[:space:],;<>".]+)+$' 'one e-mail address, such as security@example.com'
      central_email=$2 ;;
    --regions | --stack-name | --bucket | --zips) take_place "$1" "$2" ;;
    --central-topic)
      central_topic_given=yes
      take_parameter "$1" "$2" ;;
    --email) take_parameter "$1" "$2" ;; # the central stack has an address of its own
    *)
      take_parameter "$1" "$2"
      passed+=("$1" "$2") ;;
  esac
}
