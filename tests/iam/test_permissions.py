"""Each role allows all that its function does, and nothing that it does not: shown by doing everything."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.iam.declared import DECLARED, TEMPLATE
from tests.iam.policy import Policy, Request, Statement
from tests.iam.reach import reach
from tests.iam.repertoires import REPERTOIRES, Scene
from tests.iam.scenes_of_people import begin_to_sign_in
from tests.iam.stage import Stage, stage
from tests.iam.template import Needed, Roles

FUNCTIONS = [(template, name) for template, roles in DECLARED.items() for name in roles.functions]
ROLES = [(template, name) for template, roles in DECLARED.items() for name in roles.policies]

NEVER = {"LogtoWebhookFunction": {"end_sid", "end_session", "sessions"}}
"""What the code could reach, but for the arguments: Logto's webhooks name users, and no `sid`."""


@dataclass
class Proof:
    """What came of doing everything."""

    stage: Stage
    failed: dict[Scene, Exception] = field(default_factory=dict)

    def roles(self, template: str) -> Roles:
        """The roles of a template, with the ARNs of the stand-in."""
        return self.stage.roles[template]

    def asked(self, template: str, role: str) -> set[Request]:
        """All that was asked for in a role's name: by its functions, and by AWS."""
        for_aws: list[Needed] = self.roles(template).for_aws()[role]
        return self.stage.guard.asked[role] | {needed.request for needed in for_aws}


@pytest.fixture(scope="module")
def proof() -> Iterator[Proof]:
    with stage() as made:
        proof = Proof(made)
        for scene in dict.fromkeys(scene for scenes in REPERTOIRES.values() for scene in scenes):
            try:
                scene(made)
            except Exception as error:
                proof.failed[scene] = error
            finally:
                made.clear()
        yield proof


@pytest.mark.parametrize(("template", "function"), FUNCTIONS)
def test_a_function_has_a_repertoire_and_masters_it(proof: Proof, template: str, function: str) -> None:
    assert function in REPERTOIRES, "say in tests/iam/repertoires.py what it can be made to do"
    for scene in REPERTOIRES[function]:
        if scene in proof.failed:
            raise proof.failed[scene]
    assert function in proof.stage.invoked
    assert proof.stage.guard.faults == []


def test_no_repertoire_is_of_a_function_that_is_gone() -> None:
    assert REPERTOIRES.keys() == {name for _, name in FUNCTIONS}


@pytest.mark.parametrize("function", DECLARED["template.yaml"].functions)
def test_a_repertoire_is_whole(proof: Proof, function: str) -> None:
    """Whatever the function's code can reach of table, queue and secrets, some scene made it do."""
    folder = re.sub(r"(?<!^)(?=[A-Z])", "_", function.removesuffix("Function")).lower()
    assert (TEMPLATE.parent / "functions" / folder).is_dir()
    assert proof.stage.verbs[function] | NEVER.get(function, set()) == reach(folder)
    assert not proof.stage.verbs[function] & NEVER.get(function, set())


@pytest.mark.parametrize(("template", "role"), ROLES)
def test_a_role_is_denied_nothing(proof: Proof, template: str, role: str) -> None:
    assert proof.roles(template).policies[role].denied(proof.asked(template, role)) == []
    assert proof.stage.guard.denied[role] == set()


@pytest.mark.parametrize(("template", "role"), ROLES)
def test_a_role_allows_nothing_that_is_never_needed(proof: Proof, template: str, role: str) -> None:
    assert proof.roles(template).policies[role].unneeded(proof.asked(template, role)) == []


@pytest.mark.parametrize(("template", "role"), ROLES)
def test_without_any_part_of_its_policy_a_role_is_denied_something(
    proof: Proof, template: str, role: str
) -> None:
    policy, asked = proof.roles(template).policies[role], proof.asked(template, role)
    parts = list(policy.parts())
    assert parts
    assert [part.name for part in parts if not part.rest.denied(asked)] == []


@pytest.mark.parametrize(("template", "role"), ROLES)
def test_with_one_part_more_a_role_allows_too_much(proof: Proof, template: str, role: str) -> None:
    policy, asked = proof.roles(template).policies[role], proof.asked(template, role)
    for action, resource in [("dynamodb:Scan", "arn:x"), ("dynamodb:PutItem", "arn:y"), ("sqs:*", "*")]:
        more = policy.and_also(Statement((action,), (resource,)))
        assert f"{action} on {resource}" in more.unneeded(asked)
    [first, *_] = policy.statements
    assert policy.and_also(first).unneeded(asked), "what is allowed twice is needed once"


def test_what_a_policy_leaves_out_is_really_refused(proof: Proof) -> None:
    """The decision is no afterthought: the function runs into it."""
    role = proof.roles("template.yaml").of_function("LoginFunction")
    with proof.stage.guard.instead(role, Policy(())), pytest.raises(AssertionError):
        begin_to_sign_in(proof.stage)
    proof.stage.clear()
    begin_to_sign_in(proof.stage)
