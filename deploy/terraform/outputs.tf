output "alert_topic_arn" {
  description = "SNS topic of all alerts as JSON, for machines."
  value       = aws_cloudformation_stack.sgwarden.outputs["AlertTopicArn"]
}

output "mail_topic_arn" {
  description = "SNS topic of mails for people."
  value       = aws_cloudformation_stack.sgwarden.outputs["MailTopicArn"]
}

output "alarm_topic_arn" {
  description = "SNS topic of alarms."
  value       = aws_cloudformation_stack.sgwarden.outputs["AlarmTopicArn"]
}

output "baseline_prefix" {
  description = "Path of the baselines in Parameter Store."
  value       = aws_cloudformation_stack.sgwarden.outputs["BaselinePrefix"]
}

output "all" {
  description = "All outputs of the stack, by their names in the template."
  value       = aws_cloudformation_stack.sgwarden.outputs
}
