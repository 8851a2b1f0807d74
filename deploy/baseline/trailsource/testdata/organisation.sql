SELECT
  "eventversion" AS "eventversion",
  "eventtime" AS "eventtime",
  "eventid" AS "eventid",
  "eventsource" AS "eventsource",
  "eventname" AS "eventname",
  "awsregion" AS "awsregion",
  "recipientaccountid" AS "recipientaccountid",
  "sourceipaddress" AS "sourceipaddress",
  "useragent" AS "useragent",
  "errorcode" AS "errorcode",
  "useridentity"."type" AS "useridentity_type",
  "useridentity"."principalid" AS "useridentity_principalid",
  "useridentity"."arn" AS "useridentity_arn",
  "useridentity"."accountid" AS "useridentity_accountid",
  "useridentity"."username" AS "useridentity_username",
  "useridentity"."invokedby" AS "useridentity_invokedby",
  "useridentity"."sessioncontext"."sourceidentity" AS "useridentity_sessioncontext_sourceidentity",
  "useridentity"."sessioncontext"."sessionissuer"."type" AS "useridentity_sessioncontext_sessionissuer_type",
  "useridentity"."sessioncontext"."sessionissuer"."arn" AS "useridentity_sessioncontext_sessionissuer_arn",
  "useridentity"."sessioncontext"."sessionissuer"."username" AS "useridentity_sessioncontext_sessionissuer_username",
  "requestparameters" AS "requestparameters",
  "responseelements" AS "responseelements"
FROM "default"."cloudtrail_logs"
WHERE "timestamp" BETWEEN '2026/11/01' AND '2026/11/15'
  AND "account" IN ('111122223333', '444455556666')
  AND "region" IN ('us-east-1')
  AND eventsource = 'ec2.amazonaws.com'
  AND eventname IN ('AssociateSecurityGroupVpc', 'AuthorizeSecurityGroupEgress', 'AuthorizeSecurityGroupIngress', 'CreateDefaultVpc', 'CreateSecurityGroup', 'CreateVpc', 'DeleteManagedPrefixList', 'DeleteSecurityGroup', 'DeleteVpc', 'DisassociateSecurityGroupVpc', 'ModifyManagedPrefixList', 'ModifySecurityGroupRules', 'RestoreManagedPrefixListVersion', 'RevokeSecurityGroupEgress', 'RevokeSecurityGroupIngress', 'UpdateSecurityGroupRuleDescriptionsEgress', 'UpdateSecurityGroupRuleDescriptionsIngress')
  AND eventtime >= '2026-11-01T00:00:00Z'
  AND eventtime < '2026-11-15T00:00:00Z'
