# sgwarden, a security group, and the group's baseline in one repository. apply.sh keeps the order: what a plan opens is
# approved first and made then.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "code_bucket" {
  description = "S3 bucket for sgwarden's code, in the region of the provider."
  type        = string
}

variable "vpc_id" {
  description = "VPC of the security group."
  type        = string
}

module "sgwarden" {
  source = "../"

  code_bucket = var.code_bucket
  alert_email = "security@example.com"
  mode        = "alert" # only report, at first
}

resource "aws_security_group" "web" {
  name        = "web"
  description = "Load balancer"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "https" {
  security_group_id = aws_security_group.web.id
  description       = "TLS from the office"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "203.0.113.0/24"
}

output "mail_topic_arn" {
  value = module.sgwarden.mail_topic_arn
}
