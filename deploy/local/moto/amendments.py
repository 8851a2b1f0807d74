"""Amends moto where AWS does more. What moto has is imported when it is called for, as that takes seconds."""

import functools
import re
import threading


def one_at_a_time(backend, name):
    """AWS creates a parameter or a rule once. moto looks whether it exists, then adds it: two calls at a time both create it."""
    lock, method = threading.RLock(), getattr(backend, name)

    @functools.wraps(method)
    def locked(*args, **kwargs):
        with lock:
            return method(*args, **kwargs)

    setattr(backend, name, locked)


@functools.cache
def amend_rules():
    from moto.ec2.models.security_groups import SecurityGroupBackend

    one_at_a_time(SecurityGroupBackend, "authorize_security_group_ingress")
    one_at_a_time(SecurityGroupBackend, "authorize_security_group_egress")


@functools.cache
def amend_parameters():
    """moto doesn't know who wrote a version of a parameter. deploy/local/proxy names the writer in a header."""
    from flask import request
    from moto.ssm.models import Parameter, SimpleSystemManagerBackend

    one_at_a_time(SimpleSystemManagerBackend, "put_parameter")
    put, describe = SimpleSystemManagerBackend.put_parameter, Parameter.describe_response_object

    def put_by(self, *args, **kwargs):
        version = put(self, *args, **kwargs)
        version.writer = request.headers.get("X-Local-Principal", "N/A")
        return version

    def describe_with_writer(self, *args, **kwargs):
        return describe(self, *args, **kwargs) | {"LastModifiedUser": getattr(self, "writer", "N/A")}

    SimpleSystemManagerBackend.put_parameter, Parameter.describe_response_object = put_by, describe_with_writer


@functools.cache
def amend_cloudformation():
    amend_yaml()
    amend_conditions()
    amend_templates()
    amend_functions()
    amend_egress()
    add_subscriptions()


def amend_yaml():
    """moto reads a template several times, and takes 0.3 s each time for deploy/template.yaml. libyaml is ten times
    as fast. moto doesn't know !Condition."""
    import yaml
    from moto.cloudformation.utils import yaml_tag_constructor

    yaml.Loader = getattr(yaml, "CLoader", yaml.Loader)
    yaml.add_multi_constructor("", yaml_tag_constructor, yaml.Loader)
    yaml.add_constructor("!Condition", lambda _, node: {"Condition": node.value}, yaml.Loader)


def amend_conditions():
    """moto decides conditions when it makes a stack, and no more when it updates one."""
    from moto.cloudformation.models import ChangeSet
    from moto.cloudformation.parsing import ResourceMap

    def decide(resources, template, parameters):
        scope = ResourceMap(
            resources.stack_id, resources["AWS::StackName"], parameters, {}, resources["AWS::Region"],
            resources["AWS::AccountId"], template, resources.cross_stack_resources,
        )  # fmt: skip
        scope.load_mapping()
        scope.load_parameters()
        scope.load_conditions()
        true = scope.lazy_condition_map

        def decided(value):
            if isinstance(value, dict) and list(value) == ["Fn::If"]:
                condition, then, otherwise = value["Fn::If"]
                return decided(then if true[condition] else otherwise)
            if isinstance(value, dict):
                return {k: d for k, v in value.items() if (d := decided(v)) != {"Ref": "AWS::NoValue"}}
            if isinstance(value, list):
                return [d for v in value if (d := decided(v)) != {"Ref": "AWS::NoValue"}]
            return value

        template["Resources"] = {
            name: decided(r) for name, r in template["Resources"].items() if "Condition" not in r or true[r["Condition"]]
        }

    create, update, diff = ResourceMap.create, ResourceMap.update, ChangeSet.diff

    def decide_and_create(self, template):
        decide(self, template, self.input_parameters)
        return create(self, template)

    def decide_and_update(self, template, parameters=None):
        decide(self, template, parameters or self.input_parameters)
        return update(self, template, parameters)

    def decide_and_diff(self):
        decide(self.stack.resource_map, self.template_dict, self.parameters)
        return diff(self)

    ResourceMap.create, ResourceMap.update, ChangeSet.diff = decide_and_create, decide_and_update, decide_and_diff


# The most bytes that a template may have in a request and in S3. Source: AWS CloudFormation User Guide, "Understand
# CloudFormation quotas": 51,200 bytes and 1 MB, which cfn-lint takes for 1,000,000 bytes.
MAX_BODY, MAX_OBJECT = 51_200, 1_000_000

# https://s3.REGION.amazonaws.com/BUCKET/KEY or https://BUCKET.s3.REGION.amazonaws.com/KEY. A bucket may be called my.s3.bucket.
OBJECT = re.compile(r"https://(?:(.+)\.)?s3(?:\.[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?/(.+)")


def amend_templates():
    """moto takes a template of any size, breaks off where the address is not that of an object in S3, and doesn't see that a
    template in S3 is the one that the stack has."""
    from urllib.parse import unquote

    from moto.cloudformation.exceptions import ValidationError
    from moto.cloudformation.responses import CloudFormationResponse
    from moto.s3.exceptions import S3ClientError
    from moto.s3.models import s3_backends

    get_param = CloudFormationResponse._get_param

    def template_at(self, address):
        found = OBJECT.fullmatch(address)
        if not found:
            raise ValidationError(message="TemplateURL must be a supported URL.")
        bucket, key = found.groups()
        if not bucket:
            bucket, _, key = key.partition("/")
        try:
            content = s3_backends[self.current_account][self.partition].get_object(bucket, unquote(key))
        except S3ClientError as error:
            raise ValidationError(message=f"S3 error: {error.message}") from error
        if content is None:
            raise ValidationError(message="S3 error: The specified key does not exist.")
        if len(content.value) > MAX_OBJECT:
            raise ValidationError(message=f"Template may not exceed {MAX_OBJECT} bytes in size.")
        return content.value.decode()

    def template_param(self, name, *default):
        value = get_param(self, name, *default)
        if name != "TemplateBody":
            return value
        if not value and (address := get_param(self, "TemplateURL")):
            return template_at(self, address)
        if value and len(value.encode()) > MAX_BODY:
            raise ValidationError(
                message="1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "
                f"Member must have length less than or equal to {MAX_BODY}"
            )
        return value

    CloudFormationResponse._get_param = template_param
    CloudFormationResponse._get_stack_from_s3_url = template_at


def amend_functions():
    """moto leaves out a function's dead-letter queue and its event-invoke configurations. It would start the function of an
    event source mapping in Docker for each message: deploy/local/mapping runs it instead."""
    from moto.awslambda import models
    from moto.core.common_models import CloudFormationModel
    from moto.sqs.models import Queue

    Queue.lambda_event_source_mappings = property(lambda self: {}, lambda self, mappings: None)
    create, update, configuration = (
        models.LambdaFunction.create_from_cloudformation_json,
        models.LambdaFunction.update_from_cloudformation_json,
        models.LambdaFunction.get_configuration,
    )

    def create_with_queue(cls, name, json, *args, **kwargs):
        function = create(name, json, *args, **kwargs)
        function.dead_letters = json["Properties"].get("DeadLetterConfig")
        return function

    def update_with_queue(cls, original_resource, new_resource_name, cloudformation_json, **kwargs):
        original_resource.dead_letters = cloudformation_json["Properties"].get("DeadLetterConfig")
        return update(original_resource, new_resource_name, cloudformation_json, **kwargs)

    def configuration_with_queue(self, *args, **kwargs):
        queue = getattr(self, "dead_letters", None)
        return configuration(self, *args, **kwargs) | ({"DeadLetterConfig": queue} if queue else {})

    models.LambdaFunction.create_from_cloudformation_json = classmethod(create_with_queue)
    models.LambdaFunction.update_from_cloudformation_json = classmethod(update_with_queue)
    models.LambdaFunction.get_configuration = configuration_with_queue

    class InvokeConfig(Resource, CloudFormationModel):
        __module__, type = "moto.awslambda", "AWS::Lambda::EventInvokeConfig"

        def __init__(self, properties, account, region):
            self.function = models.lambda_backends[account][region].get_function(properties["FunctionName"])
            config = {k: v for k, v in properties.items() if k not in ("FunctionName", "Qualifier")}
            made = models.EventInvokeConfig(self.function.function_arn, self.function.last_modified, config)
            self.function.event_invoke_config = [made]
            self.physical_resource_id = f"{properties['FunctionName']}|{properties['Qualifier']}"

        def delete(self, account, region):
            self.function.event_invoke_config = []


def amend_egress():
    """moto leaves out the outbound rules of a group, which take the place of the one that EC2 makes."""
    from moto.ec2.models import ec2_backends
    from moto.ec2.models.security_groups import SecurityGroup

    create = SecurityGroup.create_from_cloudformation_json

    def create_with_egress(cls, name, json, account, region, **kwargs):
        group, rules = create(name, json, account, region, **kwargs), json["Properties"].get("SecurityGroupEgress", [])
        if rules:
            group.egress_rules.clear()
        for r in rules:
            ec2_backends[account][region].authorize_security_group_egress(
                group.id, r["IpProtocol"], r.get("FromPort"), r.get("ToPort"), [{"CidrIp": r["CidrIp"]}]
            )
        return group

    SecurityGroup.create_from_cloudformation_json = classmethod(create_with_egress)


def add_subscriptions():
    """moto has no subscriptions in templates. Those of queues are made; nobody reads the others."""
    import json

    from moto.core.common_models import CloudFormationModel
    from moto.sns.models import sns_backends

    class QueueSubscription(Resource, CloudFormationModel):
        __module__, type = "moto.sns", "AWS::SNS::Subscription"

        def __init__(self, properties, account, region):
            self.backend = sns_backends[account][region]
            self.physical_resource_id = properties["TopicArn"] + ":pending"
            if properties["Protocol"] != "sqs":
                return
            made = self.backend.subscribe(properties["TopicArn"], properties["Endpoint"], "sqs")
            self.physical_resource_id = made.arn
            for name in ("FilterPolicyScope", "FilterPolicy", "RawMessageDelivery"):
                if value := properties.get(name):
                    text = value if isinstance(value, str) else json.dumps(value)
                    self.backend.set_subscription_attributes(made.arn, name, text)

        def delete(self, account, region):
            self.backend.unsubscribe(self.physical_resource_id)


class Resource:
    """A resource that is made of its properties, and made anew when they change."""

    def delete(self, account, region):
        pass

    @staticmethod
    def cloudformation_name_type():
        return ""

    @classmethod
    def cloudformation_type(cls):
        return cls.type

    @classmethod
    def has_cfn_attr(cls, attr):
        return False

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        return cls(cloudformation_json["Properties"], account_id, region_name)

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
        original_resource.delete(account_id, region_name)
        return cls(cloudformation_json["Properties"], account_id, region_name)

    def is_created(self):
        return True
