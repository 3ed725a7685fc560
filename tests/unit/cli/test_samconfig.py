"""`samconfig.toml` keeps what an operator wrote into it, and never half of a change."""

from pathlib import Path

import pytest

from cli.deploy.samconfig import SamConfig
from cli.problems import Problem


@pytest.fixture
def config(tmp_path: Path) -> SamConfig:
    made = SamConfig(tmp_path / "samconfig.toml")
    made.add("app", "eu-central-1", {"LogtoIssuer": "https://id.example/oidc"})
    return made


def test_a_stack_is_kept_as_sam_reads_it(config: SamConfig) -> None:
    assert config.has("app")
    assert not config.has("app-staging")
    assert config.region("app") == "eu-central-1"
    assert config.parameters("app") == {"LogtoIssuer": "https://id.example/oidc"}


def test_parameters_change_and_comments_and_other_stacks_stay(config: SamConfig, tmp_path: Path) -> None:
    config.add("app-staging", "eu-west-1", {"LogtoIssuer": "https://other.example/oidc"})
    path = tmp_path / "samconfig.toml"
    path.write_text(path.read_text().replace("[app.deploy", "# Mine.\n[app.deploy"))
    config.set("app-staging", {"Scopes": '"openid profile"', "LogtoIssuer": "https://third.example/oidc"})
    config.set("app", {"SendBudget": "0"})
    assert "# Mine." in path.read_text()
    assert config.parameters("app") == {"LogtoIssuer": "https://id.example/oidc", "SendBudget": "0"}
    changed = {"LogtoIssuer": "https://third.example/oidc", "Scopes": "openid profile"}
    assert config.parameters("app-staging") == changed


def test_quotes_are_sams_and_stay_where_another_parameter_changes(config: SamConfig, tmp_path: Path) -> None:
    config.set("app", {"DomainName": "''", "Scopes": '"openid profile"'})
    config.set("app", {"SendBudget": "0"})
    assert config.parameters("app")["DomainName"] == ""
    written = (tmp_path / "samconfig.toml").read_text()
    assert "\"DomainName=''\"" in written
    assert r'"Scopes=\"openid profile\""' in written


def test_a_form_that_is_the_operators_own_is_left_alone(config: SamConfig, tmp_path: Path) -> None:
    path = tmp_path / "samconfig.toml"
    for own in (
        '[app.global.parameters]\nregion = "eu-central-1"\nparameter_overrides = ["A=1"]\n',
        '[app.global]\nparameters = { parameter_overrides = ["A=1"] }\n',
        '[app.global.parameters]\nparameter_overrides = "A=1"\n',
        '[app.global.parameters]\n[b.global.parameters]\nparameter_overrides = [\n  "A=1",\n]\n',
    ):
        path.write_text(own)
        with pytest.raises(Problem, match="samconfig.toml"):
            config.set("app", {"B": "2"})
        assert path.read_text() == own


def test_a_file_that_cannot_be_read_is_a_problem(config: SamConfig, tmp_path: Path) -> None:
    (tmp_path / "samconfig.toml").write_text("[app")
    with pytest.raises(Problem, match="samconfig.toml"):
        config.has("app")


@pytest.mark.parametrize("value", ['"quoted" \\ text', "line\nbreak", "\x7f", "größer 😀", "\u2028"])
def test_every_value_comes_back_as_it_was(tmp_path: Path, value: str) -> None:
    config = SamConfig(tmp_path / "samconfig.toml")
    config.add("one", "eu-central-1", {"AlarmEmail": value})
    assert config.parameters("one") == {"AlarmEmail": value}


def test_a_stack_that_would_spoil_the_file_for_the_others_is_not_written(tmp_path: Path) -> None:
    config = SamConfig(tmp_path / "samconfig.toml")
    config.add("one", "eu-central-1", {})
    with pytest.raises(Problem, match="does not go into"):
        config.add("version", "eu-central-1", {})
    assert config.region("one") == "eu-central-1"
