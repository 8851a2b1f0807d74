# shellcheck shell=bash
# What the examples' groups.sh share; they source it. Needs ../common.sh beside.

# shellcheck source=deploy/common.sh
source "${BASH_SOURCE[0]%/*}/../common.sh"

# begin ARGUMENT... reads the options of a groups.sh and finds the VPC. From here on a failure takes back what was made.
begin() {
  vpc_id=''
  while (($#)); do
    if [[ $1 == --*=* ]]; then set -- "${1%%=*}" "${1#*=}" "${@:2}"; fi
    case $1 in
      --help | -h) show_help; exit 0 ;;
      --vpc-id) vpc_id=${2:-}; [[ -n $vpc_id ]] || die '--vpc-id wants the id of a VPC'; shift 2 ;;
      *) die "unknown argument '$1'; see --help" ;;
    esac
  done
  find_region
  make_tmp
  trap finish EXIT
  [[ -n $vpc_id ]] || find_default_vpc
}

# show_help prints the comment that the script begins with.
show_help() {
  printf 'Usage: %s [--vpc-id ID]\n\n' "$0"
  sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
  cat <<'END'

  --vpc-id ID   the VPC of the groups; default: the default VPC
  --help        show this

Account, region and endpoint come from the AWS CLI's ordinary environment: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL ...
Where one of the groups is there already, nothing is made. A failure on the way takes back what was made.
END
}

find_default_vpc() {
  vpc_id=$(aws_or_die 'look for the default VPC' ec2 describe-vpcs --filters Name=is-default,Values=true \
    --query 'Vpcs[].VpcId' --output text)
  [[ -n $vpc_id ]] || die "there is no default VPC in $region: choose one with --vpc-id"
}

# refuse_existing NAME... ends the script where the VPC has a group of one of these names.
refuse_existing() {
  local names there
  names=$(join "$@")
  there=$(aws_or_die "look for groups of $vpc_id" ec2 describe-security-groups \
    --filters "Name=vpc-id,Values=$vpc_id" "Name=group-name,Values=$names" \
    --query 'SecurityGroups[].[GroupName,GroupId]' --output text)
  [[ -z $there ]] || die "nothing was made, since $vpc_id has these groups already:
$there
If they are this example's, go on with resolve (see README.md there); else choose another VPC with --vpc-id."
}

# create_group NAME DESCRIPTION makes a group and prints its id.
create_group() {
  local id
  id=$(aws_or_die "create group $1" ec2 create-security-group --group-name "$1" --description "$2" --vpc-id "$vpc_id" \
    --query GroupId --output text)
  echo "$id" >>"$tmp/made"
  say "$1 is $id" >&2
  echo "$id"
}

# ec2 ARGUMENT... is aws ec2, which has to succeed and whose answer nobody needs.
ec2() { aws_or_die "run aws ec2 ${*:1:3}" ec2 "$@" >/dev/null; }

# close_egress GROUP-ID... takes away what EC2 gives every new group: egress to everywhere, and where the VPC has IPv6,
# to everywhere over that.
close_egress() {
  find_rules IsEgress "$@" || die "cannot read the rules of new groups: $(complaint)"
  local group
  for group in "$@"; do
    revoke_found egress "$group" || die "cannot revoke the default egress of $group: $(complaint)"
  done
}

# find_rules FILTER GROUP-ID... notes the groups' rules, those that a JMESPath filter takes, for revoke_found.
find_rules() {
  aws ec2 describe-security-group-rules --filters "Name=group-id,Values=$(join "${@:2}")" \
    --query "SecurityGroupRules[?$1].[GroupId,SecurityGroupRuleId]" --output text >"$tmp/rules" 2>"$tmp/complaint"
}

# revoke_found ingress|egress GROUP-ID revokes what find_rules noted of a group.
revoke_found() {
  local ids=() id
  while read -r id; do ids+=("$id"); done < <(awk -v group="$2" '$1 == group { print $2 }' "$tmp/rules")
  ((${#ids[@]} == 0)) ||
    aws ec2 "revoke-security-group-$1" --group-id "$2" --security-group-rule-ids "${ids[@]}" >/dev/null 2>"$tmp/complaint"
}

# done_with FOLDER [MAP] says what comes next, and with a map the promotion of FOLDER/staging.
done_with() {
  say "$(wc -l <"$tmp/made") groups are in $vpc_id. Next: put their ids into the baselines, and approve those:"
  echo "deploy/baseline.sh resolve deploy/examples/$1 --vpc-id $vpc_id --out baselines"
  if [[ -n ${2:-} ]]; then
    echo "deploy/baseline.sh clone --from deploy/examples/$1/staging --map deploy/examples/$1/$2 --out promoted"
    echo "deploy/baseline.sh resolve promoted --vpc-id $vpc_id --out baselines"
  fi
  echo 'deploy/baseline.sh plan baselines'
  echo 'deploy/baseline.sh push baselines'
}

# finish is the end of every groups.sh, a good one or not.
finish() {
  local status=$?
  trap '' INT TERM # a second ^C doesn't leave half of the groups
  if ((status)) && [[ -s $tmp/made ]]; then take_back; fi
  rm -rf "$tmp"
  exit "$status"
}

# take_back deletes the groups that were made, first the rules that name groups: EC2 keeps a group that others' rules name.
take_back() {
  local made=() group left=()
  while read -r group; do made+=("$group"); done <"$tmp/made"
  say "taking back the groups that were made: ${made[*]}" >&2
  find_rules '!IsEgress && ReferencedGroupInfo' "${made[@]}" && for group in "${made[@]}"; do revoke_found ingress "$group"; done
  find_rules 'IsEgress && ReferencedGroupInfo' "${made[@]}" && for group in "${made[@]}"; do revoke_found egress "$group"; done
  for group in "${made[@]}"; do
    aws ec2 delete-security-group --group-id "$group" >/dev/null 2>"$tmp/complaint" || left+=("$group: $(complaint)")
  done
  ((${#left[@]} == 0)) || printf 'groups.sh: delete it yourself: %s\n' "${left[@]}" >&2
}

join() { local IFS=,; echo "$*"; }
