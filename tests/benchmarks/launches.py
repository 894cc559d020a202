"""How many launches a second a tool takes, and what one costs: ours, ltijs and pylti1p3, in turn.

    python -m tests.benchmarks.launches [--rounds 5] [--launches 1000] [--clients 8] [--only ltijs pylti1p3]

Each round does the whole login of every launch first (not timed), signs all tokens, and then times the POST of the
token alone: launches a second, CPU milliseconds of the server's whole process tree a launch, and latencies. The tools
take turns, so that a machine that slows down slows all of them; medians over the rounds are reported. Before that
each tool must refuse a launch with a tampered signature, or it would not be worth measuring.
"""

import argparse
import json
import statistics
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.benchmarks.load import Connection, request_bytes, run
from tests.benchmarks.ours import grand_round
from tests.benchmarks.peers import PEERS, ROOT, THREADS, WORKERS, Starter, Tool, install_ltijs
from tests.benchmarks.signing import SigningPlatform, signing_platform

ACCEPTED = frozenset({200, 302, 303})
PEOPLE = 60
RESULT = ROOT / "var" / "benchmarks" / "launches.json"
TOOLS: dict[str, Starter] = {"grand-round": grand_round, **PEERS}
Figures = dict[str, float]


@dataclass(frozen=True)
class Login:
    """What a tool answered to a login: where the token must go and what must go with it."""

    redirect_uri: str
    state: str
    nonce: str
    cookies: str


def log_in(connection: Connection, tool: Tool, platform: SigningPlatform, person: int) -> Login:
    """Do the first half of a launch."""
    asked = {
        "iss": platform.issuer,
        "client_id": platform.client_id,
        "lti_deployment_id": platform.deployment_id,
        "login_hint": str(1000 + person),
        "target_link_uri": tool.target,
        "lti_message_hint": "7",
    }
    answer = connection.ask(request_bytes("GET", f"{tool.login_url}?{urlencode(asked)}"))
    if answer.status != 302:
        raise RuntimeError(f"{tool.name}: {answer.status} to a login: {answer.body[:500]!r}")
    sent = {name: values[0] for name, values in parse_qs(urlsplit(answer.header("location")).query).items()}
    return Login(sent["redirect_uri"], sent["state"], sent["nonce"], answer.cookies())


def launch_request(login: Login, tool: Tool, platform: SigningPlatform, person: int, *, tamper: bool = False) -> bytes:
    """Return the POST that ends a launch, signed now."""
    token = platform.id_token(person, login.nonce, tool.target, tool.custom)
    if tamper:
        head, claims, signature = token.split(".")
        token = f"{head}.{claims}.{signature[:-8]}AAAAAAAA"
    form = urlencode({"id_token": token, "state": login.state})
    return request_bytes("POST", login.redirect_uri, cookies=login.cookies, form=form)


def prepare(tool: Tool, platform: SigningPlatform, launches: int) -> list[bytes]:
    """Log in as often as asked and return the launches, ready to be sent."""
    connection = Connection(tool.login_url)
    logins = [log_in(connection, tool, platform, number % PEOPLE) for number in range(launches)]
    connection.close()
    return [launch_request(login, tool, platform, number % PEOPLE) for number, login in enumerate(logins)]


def must_refuse(tool: Tool, platform: SigningPlatform) -> None:
    """Raise unless the tool refuses a launch whose signature is wrong."""
    connection = Connection(tool.login_url)
    answer = connection.ask(launch_request(log_in(connection, tool, platform, 1), tool, platform, 1, tamper=True))
    connection.close()
    if answer.status in ACCEPTED:
        raise RuntimeError(f"{tool.name} accepted a tampered token")


def one_round(tool: Tool, platform: SigningPlatform, launches: int, clients: int) -> Figures:
    """Prepare and time one round of launches."""
    requests = prepare(tool, platform, launches)
    return run(tool.target, requests, tool.pid, clients, ACCEPTED).figures()


def measure(names: list[str], rounds: int, launches: int, clients: int, seconds: float) -> dict[str, list[Figures]]:
    """Start the tools and let them take turns; no new turn begins once the seconds are over."""
    deadline = time.monotonic() + seconds
    measured: dict[str, list[Figures]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        folder = Path(temporary)
        (folder / "keys").mkdir()
        platform = stack.enter_context(signing_platform(folder / "keys"))
        tools = [stack.enter_context(TOOLS[name](platform, _own_folder(folder, name))) for name in names]
        for tool in tools:
            must_refuse(tool, platform)
            one_round(tool, platform, max(PEOPLE, clients), clients)  # warms caches and makes everybody known
        for _ in range(rounds):
            if measured[names[0]] and time.monotonic() > deadline:
                break
            for tool in tools:
                measured[tool.name].append(one_round(tool, platform, launches, clients))
    return measured


def _own_folder(folder: Path, name: str) -> Path:
    own = folder / name
    own.mkdir()
    return own


def medians(measured: dict[str, list[Figures]]) -> dict[str, Figures]:
    """Return the median of each figure over the rounds."""
    return {
        name: {figure: statistics.median(each[figure] for each in rounds) for figure in rounds[0]}
        for name, rounds in measured.items()
    }


def ratios(measured: dict[str, list[Figures]]) -> dict[str, Figures]:
    """Return the median, round by round, of each tool's cost and speed against the first tool's."""
    first, *others = measured
    return {
        f"{other} / {first}": {
            figure: statistics.median(
                theirs[figure] / own[figure] for theirs, own in zip(measured[other], measured[first], strict=True)
            )
            for figure in ("per_second", "cpu_ms")
        }
        for other in others
    }


def table(result: dict[str, Figures], against: dict[str, Figures]) -> str:
    """Return the result for people."""
    lines = [f"{'tool':<18}{'launches/s':>12}{'CPU ms':>9}{'p50 ms':>9}{'p99 ms':>9}{'generator ms':>14}"]
    for name, each in result.items():
        lines.append(
            f"{name:<18}{each['per_second']:>12.1f}{each['cpu_ms']:>9.2f}{each['p50_ms']:>9.1f}"
            f"{each['p99_ms']:>9.1f}{each['generator_cpu_ms']:>14.2f}"
        )
    for pair, each in against.items():
        lines.append(f"{pair}: {each['per_second']:.2f} x the launches a second, {each['cpu_ms']:.2f} x the CPU")
    return "\n".join(lines)


def runnable(names: list[str]) -> list[str]:
    """Return the tools that can be run here; say of the others why not."""
    missing = install_ltijs() if any(name.startswith("ltijs") for name in names) else ""
    if missing:
        print(f"ltijs is not measured: {missing}")
    return [name for name in names if not (missing and name.startswith("ltijs"))]


def main() -> None:
    """Read the arguments, measure, print the table and write the figures to var/benchmarks/launches.json."""
    parser = argparse.ArgumentParser(description="Measure launches of this tool and its peers.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--launches", type=int, default=1000, help="launches a round")
    parser.add_argument("--clients", type=int, default=8, help="concurrent keep-alive connections")
    parser.add_argument("--seconds", type=float, default=180.0, help="no new round begins after these")
    parser.add_argument("--only", nargs="+", choices=list(TOOLS), default=["ltijs", "grand-round", "pylti1p3"])
    asked = parser.parse_args()
    names = runnable(asked.only)
    measured = measure(names, asked.rounds, asked.launches, asked.clients, asked.seconds)
    result, against = medians(measured), ratios(measured)
    print(
        f"{asked.launches} launches a round, {len(measured[names[0]])} rounds, {asked.clients} clients, "
        f"{WORKERS} worker processes a tool ({THREADS} threads each in Python)"
    )
    print(table(result, against))
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    setting = {"launches": asked.launches, "clients": asked.clients, "workers": WORKERS, "threads": THREADS}
    RESULT.write_text(
        json.dumps({"setting": setting, "medians": result, "ratios": against, "rounds": measured}, indent=2)
    )


if __name__ == "__main__":
    main()
