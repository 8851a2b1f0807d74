# sgwarden in one region of one account, by the same template that deploy.sh deploys.

locals {
  zips      = coalesce(var.zips, "${path.module}/../../build")
  functions = toset(["canary", "notifier", "remediator", "sweeper"])

  # deploy.sh has the same keys. A key changes with its content, or CloudFormation would not see that there is new code.
  prefix       = "sgwarden/${var.stack_name}"
  template     = "${path.module}/../template.yaml"
  template_key = "${local.prefix}/template-${filesha256(local.template)}.yaml"
}

data "aws_partition" "current" {}

data "aws_s3_bucket" "code" {
  bucket = var.code_bucket
}

# An object is deleted only after the stack was updated: an update that fails goes back to the former code and needs it.
resource "aws_s3_object" "zip" {
  for_each = local.functions

  bucket                 = var.code_bucket
  key                    = "${local.prefix}/${each.key}-${filesha256("${local.zips}/${each.key}.zip")}.zip"
  source                 = "${local.zips}/${each.key}.zip"
  server_side_encryption = "AES256"

  lifecycle {
    create_before_destroy = true
  }
}

# The template is larger than the 51,200 bytes of template_body. From S3, CloudFormation takes up to 1 MB.
resource "aws_s3_object" "template" {
  bucket                 = var.code_bucket
  key                    = local.template_key
  source                 = local.template
  server_side_encryption = "AES256"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudformation_stack" "sgwarden" {
  name         = var.stack_name
  template_url = "https://s3.${data.aws_s3_bucket.code.region}.${data.aws_partition.current.dns_suffix}/${var.code_bucket}/${aws_s3_object.template.key}"
  capabilities = ["CAPABILITY_IAM"]
  tags         = var.tags

  parameters = {
    Mode                   = var.mode
    OnlyGroupsTagged       = var.only_groups_tagged
    BaselinePrefix         = var.baseline_prefix
    GraceMinutes           = var.grace_minutes
    SweepSchedule          = var.sweep_schedule
    AlertEmail             = var.alert_email
    MailWaitSeconds        = var.mail_wait_seconds
    Chat                   = var.chat
    Events                 = var.events
    ContentionReverts      = var.contention_reverts
    CentralAlertTopicArn   = var.central_alert_topic_arn
    OrganizationId         = var.organization_id
    Canary                 = var.canary
    CanaryVpcId            = var.canary_vpc_id
    PermissionsBoundaryArn = var.permissions_boundary_arn
    LogLevel               = var.log_level
    LogRetentionDays       = var.log_retention_days
    CodeBucket             = var.code_bucket
    RemediatorCodeKey      = aws_s3_object.zip["remediator"].key
    SweeperCodeKey         = aws_s3_object.zip["sweeper"].key
    NotifierCodeKey        = aws_s3_object.zip["notifier"].key
    CanaryCodeKey          = aws_s3_object.zip["canary"].key
  }
}
