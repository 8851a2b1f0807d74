#!/usr/bin/env bash
# Makes the four groups of a production with VPC endpoints: alb, ecs, aurora and vpc-endpoints. Only ecs has a way out of
# the VPC.
set -euo pipefail
# shellcheck source=deploy/examples/groups-lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../groups-lib.sh"

begin "$@"
refuse_existing alb ecs aurora vpc-endpoints

# All groups first, since their rules name one another.
alb=$(create_group alb 'Load balancer')
ecs=$(create_group ecs 'Application')
aurora=$(create_group aurora 'Database')
vpc_endpoints=$(create_group vpc-endpoints 'Interface endpoints of AWS services')
close_egress "$alb" "$ecs" "$aurora" "$vpc_endpoints"

ec2 authorize-security-group-ingress --group-id "$alb" --ip-permissions \
  'IpProtocol=tcp,FromPort=80,ToPort=80,IpRanges=[{CidrIp=0.0.0.0/0,Description=HTTP from anywhere}]' \
  'IpProtocol=tcp,FromPort=443,ToPort=443,IpRanges=[{CidrIp=0.0.0.0/0,Description=HTTPS from anywhere}]'
ec2 authorize-security-group-egress --group-id "$alb" --ip-permissions \
  "IpProtocol=tcp,FromPort=3000,ToPort=3001,UserIdGroupPairs=[{GroupId=$ecs,Description=Web and API}]"

ec2 authorize-security-group-ingress --group-id "$ecs" --ip-permissions \
  "IpProtocol=tcp,FromPort=3000,ToPort=3000,UserIdGroupPairs=[{GroupId=$alb,Description=Web from the load balancer}]" \
  "IpProtocol=tcp,FromPort=3001,ToPort=3001,UserIdGroupPairs=[{GroupId=$alb,Description=API from the load balancer}]"
ec2 authorize-security-group-egress --group-id "$ecs" --ip-permissions \
  "IpProtocol=tcp,FromPort=5432,ToPort=5432,UserIdGroupPairs=[{GroupId=$aurora,Description=PostgreSQL to Aurora}]" \
  'IpProtocol=tcp,FromPort=27017,ToPort=27017,IpRanges=[{CidrIp=0.0.0.0/0,Description=MongoDB Atlas}]' \
  'IpProtocol=tcp,FromPort=443,ToPort=443,IpRanges=[{CidrIp=0.0.0.0/0,Description=HTTPS to anywhere}]'

ec2 authorize-security-group-ingress --group-id "$aurora" --ip-permissions \
  "IpProtocol=tcp,FromPort=5432,ToPort=5432,UserIdGroupPairs=[{GroupId=$ecs,Description=PostgreSQL from the application}]"

ec2 authorize-security-group-ingress --group-id "$vpc_endpoints" --ip-permissions \
  "IpProtocol=tcp,FromPort=443,ToPort=443,UserIdGroupPairs=[{GroupId=$ecs,Description=HTTPS from the application}]"

done_with endpoints
