#!/usr/bin/env bash
# Makes six groups, one for each pattern of traffic: world-in, address-in, group-in, address-out, group-out and world-out.
set -euo pipefail
# shellcheck source=deploy/examples/groups-lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../groups-lib.sh"

begin "$@"
refuse_existing world-in address-in group-in address-out group-out world-out

world_in=$(create_group world-in 'Open to the world on the ports of the web')
address_in=$(create_group address-in 'Open to one address')
group_in=$(create_group group-in 'Open to one group')
address_out=$(create_group address-out 'Sends to one address')
group_out=$(create_group group-out 'Sends to one group')
create_group world-out 'Sends to everywhere' >/dev/null # as EC2 makes it
close_egress "$world_in" "$address_in" "$group_in" "$address_out" "$group_out"

ec2 authorize-security-group-ingress --group-id "$world_in" --ip-permissions \
  'IpProtocol=tcp,FromPort=80,ToPort=80,IpRanges=[{CidrIp=0.0.0.0/0,Description=HTTP from anywhere}]' \
  'IpProtocol=tcp,FromPort=443,ToPort=443,IpRanges=[{CidrIp=0.0.0.0/0,Description=HTTPS from anywhere}]'

ec2 authorize-security-group-ingress --group-id "$address_in" --ip-permissions \
  'IpProtocol=tcp,FromPort=443,ToPort=443,IpRanges=[{CidrIp=1.1.1.1/32,Description=The one client}]'

ec2 authorize-security-group-ingress --group-id "$group_in" --ip-permissions \
  "IpProtocol=tcp,FromPort=443,ToPort=443,UserIdGroupPairs=[{GroupId=$group_out,Description=The one client}]"

ec2 authorize-security-group-egress --group-id "$address_out" --ip-permissions \
  'IpProtocol=tcp,FromPort=443,ToPort=443,IpRanges=[{CidrIp=1.1.1.1/32,Description=The one server}]'

ec2 authorize-security-group-egress --group-id "$group_out" --ip-permissions \
  "IpProtocol=tcp,FromPort=443,ToPort=443,UserIdGroupPairs=[{GroupId=$group_in,Description=The one server}]"

done_with traffic
