"""What a start may ask for, and what it is told: arguments, variables, credentials, terminals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from polykernel_runner.protocol import App, ServiceResult, StartService
from support.kernels import free_ports
from support.services import PYTHON, answers

if TYPE_CHECKING:
    from polykernel_runner.protocol import Argument
    from support.services import Bench

# Writes down its arguments and variables, and serves.
TELL = """
import http.server, json, os, sys
with open("told", "w") as file:
    json.dump({"args": sys.argv[2:], "env": dict(os.environ)}, file)
http.server.test(http.server.SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind="127.0.0.1")
"""
COMMAND = [PYTHON, "../tell.py", "{ports[0]}"]


@pytest.fixture(autouse=True)
def _teller(bench: Bench) -> None:
    (bench.home / "tell.py").write_text(TELL)


async def start(
    bench: Bench,
    name: str = "web",
    *,
    arguments: dict[str, Argument] | None = None,
    envs: dict[str, str] | None = None,
) -> ServiceResult:
    request = StartService(
        name=name, ports=tuple(free_ports(1)), arguments=arguments or {}, envs=envs or {}
    )
    return await bench.services.start(request)


def told(bench: Bench, key: str) -> object:
    return json.loads((bench.work / "told").read_text())[key]


async def test_arguments_are_added_to_the_default_ones(bench: Bench) -> None:
    bench.define(
        "web",
        command=[*COMMAND, "first"],
        default_arguments={"--quiet": None, "--at": "p{ports[0]}", "--many": ["a", "b"]},
        allowed_arguments=["--at", "--more", "--flag"],
    )
    arguments: dict[str, Argument] = {"--at": "{here}", "--more": ("c", "d"), "--flag": None}
    assert await start(bench, arguments=arguments) == ServiceResult("started")
    words = "first --quiet --at {here} --many a b --more c d --flag"
    assert told(bench, "args") == words.split()


async def test_default_arguments_are_templates(bench: Bench) -> None:
    bench.define("web", command=COMMAND, default_arguments={"--url={ports[0]}": ["{{x}}"]})
    await start(bench)
    args = told(bench, "args")
    assert isinstance(args, list)
    assert args[0].startswith("--url=")
    assert args[0].removeprefix("--url=").isdecimal()
    assert args[1:] == ["{x}"]


async def test_variables_are_the_container_s_the_definition_s_and_the_start_s(
    bench: Bench,
) -> None:
    bench.env["OURS"] = "container"
    bench.define(
        "web",
        command=COMMAND,
        env={"PORT": "{ports[0]}", "MODE": "dark", "OURS": "definition"},
        allowed_envs=["MODE", "{name}"],
    )
    result = await start(bench, envs={"MODE": "light"})
    assert result == ServiceResult("started")
    env = told(bench, "env")
    assert isinstance(env, dict)
    assert env["PORT"].isdecimal()
    assert (env["MODE"], env["OURS"], env["HOME"]) == ("light", "definition", str(bench.work))


@pytest.mark.parametrize(
    ("arguments", "envs", "says"),
    [
        ({"--bad": None}, {}, "argument '--bad' is not allowed for service 'web'; allowed: --a, "),
        ({}, {"BAD": ""}, "environment variable 'BAD' is not allowed for service 'web'; allowed: "),
        ({}, {"HOME": "/"}, "environment variable 'HOME' is set by the container and cannot be "),
    ],
)
async def test_what_is_not_allowed_is_named(
    bench: Bench, arguments: dict[str, Argument], envs: dict[str, str], says: str
) -> None:
    allowed = {"allowed_arguments": ["--a", "--b"], "allowed_envs": ["HOME"]}
    bench.define("web", command=COMMAND, **allowed)
    result = await start(bench, arguments=arguments, envs=envs)
    assert says in str(result.error)


async def test_where_nothing_is_allowed_that_is_said(bench: Bench) -> None:
    bench.define("web", command=COMMAND)
    result = await start(bench, arguments={"--a": None})
    assert str(result.error).endswith("allowed: none")


async def test_credentials_are_made_once_for_each_service(bench: Bench) -> None:
    url = "{protocol}://{host}:{port}/?token={token}"
    for name in ("one", "two"):
        bench.define(
            name, command=[*COMMAND, "{token}"], url_template=url, credentials={"token": None}
        )
    (one, two) = bench.services.apps().apps
    first = await start(bench, "one")
    token = first.credentials["token"]
    assert told(bench, "args") == [token]
    assert len(token) >= 32
    assert one == App(name="one", url_template=url.replace("{token}", token))
    assert two.url_template != url.replace("{token}", token)
    assert (await start(bench, "one")).credentials == {"token": token}
    await bench.services.shutdown("one")
    assert (await start(bench, "one")).credentials == {"token": token}


async def test_credentials_may_be_told_by_a_command(bench: Bench) -> None:
    make = {"action": "run_command", "args": {"command": ["printf", "{pin}key"]}, "ref": "keys"}
    bench.define(
        "web",
        command=[*COMMAND, "{key}"],
        env={"KEY": "<{key}>"},
        prestart=[make],
        url_template="{host}/{key}",
        credentials={"pin": None, "key": "{keys[out]}!"},
    )
    assert bench.services.apps("web").apps[0].url_template == "{host}/{key}"
    credentials = (await start(bench)).credentials
    assert credentials["key"] == f"{credentials['pin']}key!"
    assert told(bench, "args") == [credentials["key"]]
    assert bench.services.apps("web").apps[0].url_template == f"{{host}}/{credentials['pin']}key%21"


def test_apps_are_listed_with_what_they_allow(bench: Bench) -> None:
    bench.define("b", command=["x"], allowed_arguments=["--a"], allowed_envs=["A"])
    bench.define("a", noop=True)
    a, b = App(name="a"), App(name="b", allowed_arguments=("--a",), allowed_envs=("A",))
    assert bench.services.apps().apps == (a, b)
    assert bench.services.apps("b").apps == (b,)
    assert bench.services.apps("c").apps == ()


TTYD = {
    "command": [*COMMAND, "-W", "-c", "work:{password}", "--", "sh"],
    "credentials": {"password": None},
    "url_template": "http://work:{password}@{host}:{port}/",
}


async def test_a_program_for_a_terminal_runs_in_ttyd(bench: Bench) -> None:
    (port,) = free_ports(1)
    service = f'[[service-ports]]\nname = "top"\nprotocol = "pty"\nports = [{port}]\n'
    bench.manifest(f'{service}[runtime]\npath = "/bin/sh"\n')
    bench.define("ttyd", **TTYD)
    bench.define("top", command=["top", "-d", "{ports[0]}"])
    result = await bench.services.start(StartService(name="top"))
    password = result.credentials["password"]
    assert answers(port)
    assert told(bench, "args") == ["-W", "-c", f"work:{password}", "--", "top", "-d", str(port)]
    (app,) = bench.services.apps("top").apps
    assert app.url_template == f"http://work:{password}@{{host}}:{{port}}/"


@pytest.mark.parametrize("command", [None, ["ttyd", "sh"]])
async def test_without_ttyd_there_is_no_terminal(bench: Bench, command: list[str] | None) -> None:
    if command is not None:
        bench.define("ttyd", command=command)
    bench.define("top", command=["top"])
    request = StartService(name="top", ports=(8080,), protocol="pty")
    result = await bench.services.start(request)
    assert "has no definition of 'ttyd' with '--' before the command" in str(result.error)
