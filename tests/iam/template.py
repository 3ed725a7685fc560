"""The roles of a template: who has them, what they allow, and what AWS itself does with them."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tests.iam.policy import Policy, Request, policy_of
from tests.support.translated import ACCOUNT, REGION, Translated

Json = dict[str, Any]

FUNCTION, ROLE = "AWS::Lambda::Function", "AWS::IAM::Role"


class Needed(NamedTuple):
    """What AWS's own services ask for in a role's name, and why; no call of ours shows it."""

    request: Request
    why: str


class Roles:
    """The roles of a translated template by their logical ids."""

    def __init__(self, template: Translated) -> None:
        self.template = template
        self.functions = template.resources(FUNCTION)
        self._ids = {template.arn(name): name for name in template.resources(ROLE)}
        self.schedules = template.resources("AWS::Scheduler::Schedule")
        self.policies = {name: self._policy(role) for name, role in template.resources(ROLE).items()}

    def of_function(self, name: str) -> str:
        """Which role a function has."""
        return self._ids[self.functions[name]["Role"]]

    def of_schedule(self, name: str) -> str:
        """Which role a schedule has."""
        return self._ids[self.schedules[name]["Target"]["RoleArn"]]

    def for_aws(self) -> Mapping[str, list[Needed]]:
        """What AWS asks for in the name of each role."""
        needed: dict[str, list[Needed]] = {name: [] for name in self.policies}
        for name, function in self.functions.items():
            needed[self.of_function(name)] += [*_logging(function), *_tracing(function), *self._polling(name)]
        for name, schedule in self.schedules.items():
            why = "EventBridge Scheduler invokes the target (Scheduler User Guide, execution role)"
            request = Request("lambda:InvokeFunction", schedule["Target"]["Arn"])
            needed[self.of_schedule(name)].append(Needed(request, why))
        return needed

    def _policy(self, role: Json) -> Policy:
        # Nothing of them would be seen here.
        assert role.keys() <= {"AssumeRolePolicyDocument", "Policies", "Tags", "Description"}, role.keys()
        return policy_of(policy["PolicyDocument"] for policy in role["Policies"])

    def _polling(self, function: str) -> Iterator[Needed]:
        why = "Lambda's poller works with the function's role (Lambda Developer Guide, SQS event sources)"
        for source in self.template.resources("AWS::Lambda::EventSourceMapping").values():
            arn = source["EventSourceArn"]
            assert ":sqs:" in arn, "another source needs other permissions: add them here"
            if function in source["FunctionName"]:
                for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
                    yield Needed(Request(f"sqs:{action}", arn), why)


def _logging(function: Json) -> Iterator[Needed]:
    # A function whose group is not named writes to one that Lambda makes, which takes another permission.
    stream = f"{_group(function['LoggingConfig']['LogGroup'])}:log-stream:2026/11/26/live[1]0123456789abcdef"
    why = "Lambda writes what the function logs (Lambda Developer Guide, sending logs to CloudWatch Logs)"
    for action in ("CreateLogStream", "PutLogEvents"):
        yield Needed(Request(f"logs:{action}", stream), why)


def _tracing(function: Json) -> Iterator[Needed]:
    if function.get("TracingConfig", {}).get("Mode") == "Active":
        why = "Lambda sends its segments (Lambda Developer Guide, X-Ray); these know no resources"
        for action in ("PutTraceSegments", "PutTelemetryRecords"):
            yield Needed(Request(f"xray:{action}", "*"), why)


def _group(name: str) -> str:
    return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}"
