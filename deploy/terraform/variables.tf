# The parameters of deploy/template.yaml, with its defaults. The template says which values each takes, and CloudFormation
# refuses others. A test holds this file to the template.

variable "mode" {
  description = "enforce: revoke what a group's baseline does not permit. alert: change nothing in EC2, only report what would be done; a good start on a running account."
  type        = string
  default     = "enforce"
}

variable "only_groups_tagged" {
  description = "Value of the tag sgwarden. IAM then lets sgwarden change only security groups that have the tag with this value; every other group is treated as in mode alert. Whoever may tag groups decides which these are. Empty: all groups."
  type        = string
  default     = ""
}

variable "baseline_prefix" {
  description = "Path in SSM Parameter Store under which the approved rules are kept: PREFIX/groups/sg-... for each group. Changing it later does not move baselines that are there already."
  type        = string
  default     = "/sg-baseline"
}

variable "grace_minutes" {
  description = "Minutes for which traffic stays permitted after a change of a baseline that no longer permits the traffic, so that somebody can notice a mistake. 0: the change counts at once. graceMinutes in a baseline overrides this value."
  type        = string
  default     = "10"
}

variable "sweep_schedule" {
  description = "How often to compare all groups with their baselines, whether or not an event came, and to end exceptions. At least once an hour: an alarm goes off when no sweep begins for two hours."
  type        = string
  default     = "rate(15 minutes)"
}

variable "alert_email" {
  description = "Address that gets the mails about changes and each alarm, by two subscriptions; its owner must confirm both. Empty: no e-mail, subscribe whatever you like to the mail topic and the alarm topic yourself."
  type        = string
  default     = ""
}

variable "mail_wait_seconds" {
  description = "Seconds for which the notifier collects alerts before it writes mails. Alerts that come within that time and belong together make one mail. Reverting does not wait for this."
  type        = string
  default     = "30"
}

variable "chat" {
  description = "on: make a topic for a chat, and publish each mail to it as a card that Amazon Q Developer shows. Add the topic to the configuration of the chat channel there."
  type        = string
  default     = "off"
}

variable "events" {
  description = "on: put each alert on the default event bus too, with source sgwarden, for other tools to hang rules on."
  type        = string
  default     = "off"
}

variable "contention_reverts" {
  description = "How often one group may be reverted within 30 minutes. If it is reverted more often, two tools are fighting: an alarm goes off, and a mail to the alarm topic names the group and who opens the rules."
  type        = string
  default     = "5"
}

variable "central_alert_topic_arn" {
  description = "Alert topic of a central stack, in any account and region of the organisation. The notifier then sends each alert there and writes no mails; the central stack writes them. Empty: this stack writes its own mails."
  type        = string
  default     = ""
}

variable "organization_id" {
  description = "Makes this stack a central one: each account of this organisation may send alerts to the alert topic. Empty: only this account may."
  type        = string
  default     = ""
}

variable "canary" {
  description = "on: every 15 minutes open a harmless rule in a security group made for this, which nothing uses, and raise an alarm unless it is reverted and reported within five minutes. Its alerts make no mails."
  type        = string
  default     = "off"
}

variable "canary_vpc_id" {
  description = "VPC in which to make that group; any of this region will do. Needed where the canary is on."
  type        = string
  default     = ""
}

variable "permissions_boundary_arn" {
  description = "ARN of a managed IAM policy that becomes the permissions boundary of all roles: they may do only what the boundary permits too. Needed where whoever deploys may make roles only with a boundary. Empty: none."
  type        = string
  default     = ""
}

variable "log_level" {
  description = "The least important kind of line that the functions log."
  type        = string
  default     = "info"
}

variable "log_retention_days" {
  description = "Days after which CloudWatch Logs deletes the functions' log lines."
  type        = string
  default     = "90"
}

variable "code_bucket" {
  description = "S3 bucket, in the region of the provider, into which this module puts the functions' zips and the template."
  type        = string
}

# What deploy.sh has as options, and the template does not have as parameters.

variable "stack_name" {
  description = "Name of the stack. Functions and rules are called NAME-remediator, NAME-sweeper and so on."
  type        = string
  default     = "sgwarden"

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9-]{0,52}$", var.stack_name))
    error_message = "stack_name must be letters, digits and hyphens, start with a letter, and have at most 53 characters."
  }
}

variable "zips" {
  description = "Directory with the functions' zips, as `make build` makes them. null: build/ of the repository that this module is in."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of the stack, which CloudFormation gives to its resources."
  type        = map(string)
  default     = {}
}
