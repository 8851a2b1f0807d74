#!/usr/bin/env bash
# Makes nine groups that show how to write whitelists: bastion, servers, database, isolated and cluster, and a service in
# two stages: staging-web, staging-db, production-web and production-db.
set -euo pipefail
# shellcheck source=deploy/examples/groups-lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../groups-lib.sh"

begin "$@"
refuse_existing bastion servers database isolated cluster {staging,production}-{web,db}

bastion=$(create_group bastion 'SSH from the office')
servers=$(create_group servers 'SSH from the office and the bastion')
database=$(create_group database 'MySQL from the servers')
isolated=$(create_group isolated 'Members that may not talk to each other')
cluster=$(create_group cluster 'Members that may talk to each other')
staging_web=$(create_group staging-web 'Web servers of staging')
staging_db=$(create_group staging-db 'Database of staging')
production_web=$(create_group production-web 'Web servers of production')
production_db=$(create_group production-db 'Database of production')
close_egress "$bastion" "$servers" "$database" "$isolated" "$cluster" \
  "$staging_web" "$staging_db" "$production_web" "$production_db"

ec2 authorize-security-group-ingress --group-id "$bastion" --ip-permissions \
  'IpProtocol=tcp,FromPort=22,ToPort=22,IpRanges=[{CidrIp=203.0.113.0/24,Description=SSH from the office}]'
ec2 authorize-security-group-egress --group-id "$bastion" --ip-permissions \
  "IpProtocol=tcp,FromPort=22,ToPort=22,UserIdGroupPairs=[{GroupId=$servers,Description=SSH to the servers}]"

ec2 authorize-security-group-ingress --group-id "$servers" --ip-permissions \
  "IpProtocol=tcp,FromPort=22,ToPort=22,UserIdGroupPairs=[{GroupId=$bastion,Description=SSH from the office or the bastion}],\
IpRanges=[{CidrIp=203.0.113.0/24,Description=SSH from the office or the bastion}]"
ec2 authorize-security-group-egress --group-id "$servers" --ip-permissions \
  "IpProtocol=tcp,FromPort=3306,ToPort=3306,UserIdGroupPairs=[{GroupId=$database,Description=MySQL to the database}]"

ec2 authorize-security-group-ingress --group-id "$database" --ip-permissions \
  "IpProtocol=tcp,FromPort=3306,ToPort=3306,UserIdGroupPairs=[{GroupId=$servers,Description=MySQL from the servers}]"

ec2 authorize-security-group-ingress --group-id "$isolated" --ip-permissions \
  "IpProtocol=tcp,FromPort=8080,ToPort=8080,UserIdGroupPairs=[{GroupId=$servers,Description=Jobs from the servers}]"

ec2 authorize-security-group-ingress --group-id "$cluster" --ip-permissions \
  "IpProtocol=tcp,FromPort=7946,ToPort=7946,UserIdGroupPairs=[{GroupId=$cluster,Description=Members among themselves}]"
ec2 authorize-security-group-egress --group-id "$cluster" --ip-permissions \
  "IpProtocol=tcp,FromPort=7946,ToPort=7946,UserIdGroupPairs=[{GroupId=$cluster,Description=Members among themselves}]"

# stage_rules WEB DB gives a stage its rules: the two stages are alike.
stage_rules() {
  ec2 authorize-security-group-ingress --group-id "$1" --ip-permissions \
    'IpProtocol=tcp,FromPort=443,ToPort=443,IpRanges=[{CidrIp=0.0.0.0/0,Description=HTTPS from anywhere}]'
  ec2 authorize-security-group-egress --group-id "$1" --ip-permissions \
    "IpProtocol=tcp,FromPort=5432,ToPort=5432,UserIdGroupPairs=[{GroupId=$2,Description=PostgreSQL to the database}]"
  ec2 authorize-security-group-ingress --group-id "$2" --ip-permissions \
    "IpProtocol=tcp,FromPort=5432,ToPort=5432,UserIdGroupPairs=[{GroupId=$1,Description=PostgreSQL from the web servers}]"
}
stage_rules "$staging_web" "$staging_db"
stage_rules "$production_web" "$production_db"

done_with whitelist production.map
