# shellcheck shell=bash disable=SC2034,SC2154
# deploy.sh's builds and uploads. Sourced by deploy.sh, with which it shares variables.

sha256() { if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1; }

# build_code builds the functions, once for all regions.
build_code() {
  local function
  if [[ $build == yes && ! -e $tmp/built ]]; then
    command -v go >/dev/null || die "Go is missing: install it (https://go.dev/dl/), or deploy zips that are built already with --zips DIR"
    say "building"
    make -C "$root" build
    touch "$tmp/built"
  fi
  for function in remediator sweeper notifier canary; do
    [[ -s $zips/$function.zip ]] || die "$zips/$function.zip is missing: run 'make build', or leave out --no-build"
  done
}

# look_at_bucket sets bucket_exists. The name of the default bucket can be guessed, so it makes sure whose bucket it is
# before code goes there. Lambda takes code only from a bucket in its own region.
look_at_bucket() {
  local place
  bucket_exists=no
  if place=$(aws s3api head-bucket --bucket "$bucket" --expected-bucket-owner "$account" --query BucketRegion --output text 2>"$tmp/complaint"); then
    # Version 2.15 of the AWS CLI and older don't tell the bucket's region. CloudFormation finds a wrong one later.
    [[ -z $place || $place == None || $place == "$region" ]] ||
      die "bucket $bucket is in region $place: name one in $region with --bucket, or leave --bucket out"
    bucket_exists=yes
  elif grep -qE '\(301\)|PermanentRedirect|\(400\)' "$tmp/complaint"; then
    die_of_complaint "bucket $bucket cannot be used in $region: is it in another region? Name one in $region with --bucket"
  elif ! grep -qE '\(404\)|NoSuchBucket' "$tmp/complaint"; then
    die_of_complaint "cannot use bucket $bucket: either it is another account's, or you may not s3:ListBucket it. Name another one with --bucket, or get that permission"
  fi
}

# ensure_bucket makes the bucket where it is missing.
ensure_bucket() {
  look_at_bucket
  [[ $bucket_exists == yes ]] || create_bucket
}

create_bucket() {
  local in_region=()
  say "creating bucket $bucket"
  [[ $region == us-east-1 ]] || in_region=(--create-bucket-configuration "LocationConstraint=$region")
  aws_or_die "create bucket $bucket" s3api create-bucket --bucket "$bucket" ${in_region[@]+"${in_region[@]}"} >/dev/null
  aws_or_die "block public access to bucket $bucket" s3api put-public-access-block --bucket "$bucket" \
    --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
}

# set_key FILE sets key, under which a file is uploaded. It changes with the file's content.
set_key() {
  local name=${1##*/}
  key=sgwarden/$stack/${name%.*}-$(sha256 "$1").${name##*.}
}

upload() {
  set_key "$1"
  say "uploading s3://$bucket/$key"
  aws_or_die "upload $1" s3api put-object --bucket "$bucket" --expected-bucket-owner "$account" --key "$key" --body "$1" \
    --server-side-encryption AES256 >/dev/null
}

# name_code FUNCTION PARAMETER has that template parameter name the function's zip.
name_code() {
  set_key "$zips/$1.zip"
  options+=("$2=$key")
}

name_all_code() {
  options+=("CodeBucket=$bucket")
  name_code remediator RemediatorCodeKey
  name_code sweeper SweeperCodeKey
  name_code notifier NotifierCodeKey
  name_code canary CanaryCodeKey
}

upload_code() {
  local function
  for function in remediator sweeper notifier canary; do upload "$zips/$function.zip"; done
}

# upload_template sets template_url. CloudFormation takes a template of up to 1 MB from S3, and of 51,200 bytes otherwise.
# The URL names the bucket in its path, as that of 'aws cloudformation deploy' does, so that any bucket name will do.
upload_template() {
  local domain=amazonaws.com
  [[ $region != cn-* ]] || domain=amazonaws.com.cn
  upload "$template"
  template_url=https://s3.$region.$domain/$bucket/$key
}
