"""A good function with boto3 that reverts a rule: clients made at init, reads side by side, the revoke after them.

It makes the same three calls as the floor. It is a measure, not a function to use.
"""

import json
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

SETTINGS = Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=2, read_timeout=5)
EC2 = boto3.client("ec2", config=SETTINGS)
SSM = boto3.client("ssm", config=SETTINGS)
BESIDE = ThreadPoolExecutor(max_workers=1)


def baseline(group_id):
    name = "/sg-baseline/groups/" + group_id
    found = SSM.get_parameters(Names=[name], WithDecryption=True)["Parameters"]
    return json.loads(found[0]["Value"])


def permits(document, rule):
    return any(
        permitted["protocol"] == rule["IpProtocol"]
        and permitted["ports"] == str(rule["FromPort"])
        and rule.get("CidrIpv4") in permitted["sources"]
        for permitted in document["ingress"]
    )


def handler(event, _context):
    opened = event["detail"]["responseElements"]["securityGroupRuleSet"]["items"]
    group_id = opened[0]["groupId"]
    named = {rule["securityGroupRuleId"] for rule in opened}
    document = BESIDE.submit(baseline, group_id)
    live = EC2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group_id]}])["SecurityGroupRules"]
    approved = document.result()
    ids = [r["SecurityGroupRuleId"] for r in live if r["SecurityGroupRuleId"] in named and not permits(approved, r)]
    if not ids:
        return {"outcome": "none"}
    EC2.revoke_security_group_ingress(GroupId=group_id, SecurityGroupRuleIds=ids)
    return {"outcome": "reverted"}
