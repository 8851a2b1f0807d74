# shellcheck shell=bash disable=SC2034,SC2154
# organization.sh's buckets: the zips in one for each region, since Lambda takes code only from its own region, and open to
# the organisation alone. Sourced by organization.sh, with which it shares variables.

# put_code puts the zips into the region's bucket. Where it is the home region, the template goes there too.
put_code() {
  bucket=$code_bucket-$region
  say "$region: bucket $bucket"
  ensure_bucket
  check_closed
  open_to_organization
  upload_code
  if [[ $region == "$home" ]]; then upload "$root/deploy/template.yaml"; fi
}

# check_closed refuses a bucket that could be opened to everybody. One that organization.sh has made is closed.
check_closed() {
  local closed
  closed=$(aws s3api get-public-access-block --bucket "$bucket" --expected-bucket-owner "$account" --output text --query \
    'PublicAccessBlockConfiguration.[BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets]' 2>"$tmp/complaint") ||
    grep -q NoSuchPublicAccessBlock "$tmp/complaint" || die_of_complaint "cannot see whether bucket $bucket is closed to the public"
  [[ $closed == True$'\t'True$'\t'True$'\t'True ]] ||
    die "bucket $bucket is not closed to the public: switch all four settings of its Block Public Access on, or name other buckets with --bucket"
}

# policy prints the bucket's policy. A policy that gives access to one organisation alone does not count as public, which
# Block Public Access would refuse (S3 User Guide, "The meaning of public").
policy() {
  printf '{"Version":"2012-10-17","Statement":[{"Sid":"LetTheOrganizationReadSgwardensCode","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:%s:s3:::%s/sgwarden/*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"%s"}}}]}' \
    "$partition" "$bucket" "$organization"
}

# open_to_organization lets the organisation read the code. A policy that somebody else wrote stays as it is.
open_to_organization() {
  local before
  before=$(aws s3api get-bucket-policy --bucket "$bucket" --expected-bucket-owner "$account" --query Policy --output text 2>"$tmp/complaint") ||
    grep -q NoSuchBucketPolicy "$tmp/complaint" || die_of_complaint "cannot read the policy of bucket $bucket"
  [[ $before != "$(policy)" ]] || return 0
  if [[ -n $before && $before != *'"Sid":"LetTheOrganizationReadSgwardensCode"'* ]]; then
    die "bucket $bucket has a policy of its own, which stays as it is: add the statement of $(policy) to it with the Sid, or name other buckets with --bucket"
  fi
  # Where other statements stand beside ours, somebody has added ours to a policy by hand.
  [[ $(grep -o '"Effect"' <<<"$before" | wc -l) -le 1 ]] || return 0
  aws_or_die "let organisation $organization read bucket $bucket" s3api put-bucket-policy --bucket "$bucket" \
    --expected-bucket-owner "$account" --policy "$(policy)"
}

# summarise_code names the regions whose bucket has not got the code. Its status is 1 where there are any.
summarise_code() {
  local at
  for at in $(fallen); do printf '%-16s the code could not be put there: %s\n' "$at" "$(cat "$tmp/$at/failure")"; done
  [[ -z $(fallen) ]]
}
