#!/usr/bin/env bash
# Makes the five groups of a Fargate service: alb-public, ecs-front, alb-internal, ecs-api and rds, each open only to its
# neighbours.
set -euo pipefail
# shellcheck source=deploy/examples/groups-lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../groups-lib.sh"

begin "$@"
refuse_existing alb-public ecs-front alb-internal ecs-api rds

# All groups first, since their rules name one another.
alb_public=$(create_group alb-public 'Public load balancer')
ecs_front=$(create_group ecs-front 'Front end')
alb_internal=$(create_group alb-internal 'Internal load balancer')
ecs_api=$(create_group ecs-api 'API')
rds=$(create_group rds 'Database')
close_egress "$alb_public" "$ecs_front" "$alb_internal" "$ecs_api" "$rds"

ec2 authorize-security-group-ingress --group-id "$alb_public" --ip-permissions \
  'IpProtocol=tcp,FromPort=443,ToPort=443,IpRanges=[{CidrIp=0.0.0.0/0,Description=HTTPS from anywhere}]' \
  'IpProtocol=tcp,FromPort=80,ToPort=80,IpRanges=[{CidrIp=0.0.0.0/0,Description=HTTP from anywhere}]'
ec2 authorize-security-group-egress --group-id "$alb_public" --ip-permissions \
  "IpProtocol=tcp,FromPort=80,ToPort=80,UserIdGroupPairs=[{GroupId=$ecs_front,Description=HTTP to the front end}]"

ec2 authorize-security-group-ingress --group-id "$ecs_front" --ip-permissions \
  "IpProtocol=tcp,FromPort=80,ToPort=80,UserIdGroupPairs=[{GroupId=$alb_public,Description=HTTP from the public load balancer}]"
ec2 authorize-security-group-egress --group-id "$ecs_front" --ip-permissions \
  "IpProtocol=tcp,FromPort=80,ToPort=80,UserIdGroupPairs=[{GroupId=$alb_internal,Description=HTTP to the internal load balancer}]"

ec2 authorize-security-group-ingress --group-id "$alb_internal" --ip-permissions \
  "IpProtocol=tcp,FromPort=80,ToPort=80,UserIdGroupPairs=[{GroupId=$ecs_front,Description=HTTP from the front end}]"
ec2 authorize-security-group-egress --group-id "$alb_internal" --ip-permissions \
  "IpProtocol=tcp,FromPort=8080,ToPort=8080,UserIdGroupPairs=[{GroupId=$ecs_api,Description=HTTP to the API}]"

ec2 authorize-security-group-ingress --group-id "$ecs_api" --ip-permissions \
  "IpProtocol=tcp,FromPort=8080,ToPort=8080,UserIdGroupPairs=[{GroupId=$alb_internal,Description=HTTP from the internal load balancer}]"
ec2 authorize-security-group-egress --group-id "$ecs_api" --ip-permissions \
  "IpProtocol=tcp,FromPort=3306,ToPort=3306,UserIdGroupPairs=[{GroupId=$rds,Description=MySQL to the database}]" \
  'IpProtocol=tcp,FromPort=443,ToPort=443,IpRanges=[{CidrIp=0.0.0.0/0,Description=HTTPS to anywhere}]'

ec2 authorize-security-group-ingress --group-id "$rds" --ip-permissions \
  "IpProtocol=tcp,FromPort=3306,ToPort=3306,UserIdGroupPairs=[{GroupId=$ecs_api,Description=MySQL from the API}]"

done_with fargate
