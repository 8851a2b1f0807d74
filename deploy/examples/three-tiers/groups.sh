#!/usr/bin/env bash
# Makes the three groups of a service in three tiers: alb, ecs and postgres. All of them keep the egress to everywhere that
# EC2 gives a new group.
set -euo pipefail
# shellcheck source=deploy/examples/groups-lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../groups-lib.sh"

begin "$@"
refuse_existing alb ecs postgres

alb=$(create_group alb 'Load balancer')
ecs=$(create_group ecs 'Application')
postgres=$(create_group postgres 'Database')

ec2 authorize-security-group-ingress --group-id "$alb" --ip-permissions \
  'IpProtocol=tcp,FromPort=80,ToPort=80,IpRanges=[{CidrIp=0.0.0.0/0,Description=HTTP from anywhere}]' \
  'IpProtocol=tcp,FromPort=443,ToPort=443,IpRanges=[{CidrIp=0.0.0.0/0,Description=HTTPS from anywhere}]'

ec2 authorize-security-group-ingress --group-id "$ecs" --ip-permissions \
  "IpProtocol=tcp,FromPort=80,ToPort=80,UserIdGroupPairs=[{GroupId=$alb,Description=HTTP from the load balancer}]" \
  "IpProtocol=tcp,FromPort=3000,ToPort=3000,UserIdGroupPairs=[{GroupId=$alb,Description=The application from the load balancer}]"

ec2 authorize-security-group-ingress --group-id "$postgres" --ip-permissions \
  "IpProtocol=tcp,FromPort=5432,ToPort=5432,UserIdGroupPairs=[{GroupId=$ecs,Description=PostgreSQL from the application}]"

done_with three-tiers
