"""The command line. Every error of the user's is one line that says what, where, and what to do."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from screentest import logs
from screentest.commands import COMMANDS, settings_file
from screentest.commands.options import DefaultGroup, Group, as_json, assume, option, switches
from screentest.commands.printing import print_listing
from screentest.drift_command import ingest
from screentest.drift_live_command import drift
from screentest.environment import origin, variables
from screentest.errors import ScreentestError
from screentest.paces import PACES, QUICK
from screentest.settings import HOST, MEDIA, PORT, SYNC_TIMEOUT, Settings, read_time, state_file
from screentest.verify_command import verify
from screentest_contracts.load import PROVIDERS, UnknownAssumptionError
from screentest_contracts.reading import ContractError

if TYPE_CHECKING:
    from screentest.server import Running


class _OneLineErrors(DefaultGroup):
    """A group whose errors, and our own, become one line."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """As click's, but an error is one line without the usage around it."""
        call: Callable[..., Any] = super().main
        if not kwargs.pop("standalone_mode", True):
            return call(*args, standalone_mode=False, **kwargs)
        try:
            code = call(*args, standalone_mode=False, **kwargs)
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()  # a group without a command: its help is the answer
            sys.exit(error.exit_code)
        except click.ClickException as error:
            where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else ""
            hint = f" (see `{where} --help`)" if where else ""
            click.echo(f"screentest: {' '.join(error.format_message().split())}{hint}", err=True)
            sys.exit(error.exit_code)
        except (ScreentestError, ContractError, UnknownAssumptionError) as error:
            click.echo(f"screentest: {error}", err=True)
            sys.exit(2)
        except (click.Abort, KeyboardInterrupt):
            sys.exit(130)
        except OSError as error:  # most often of standard output: nobody reads it, or there is no room
            if error.errno != errno.EPIPE:
                click.echo(f"screentest: {error}", err=True)
            _stop_flushing()
            sys.exit(1)
        sys.exit(code if isinstance(code, int) else 0)


def _stop_flushing() -> None:
    """What could not be printed cannot be at the end either."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(
    "screentest", cls=_OneLineErrors, default="serve", context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="screentest", prog_name="screentest")
@click.pass_context
def main(ctx: click.Context) -> None:
    """A local stand-in for the RunComfy, Runflow and HiAPI video APIs: no account, no network, no spend.

    Without a command it serves. Options come from ./screentest.toml (a table per command), then from the environment
    (SCREENTEST_<OPTION> for those of `serve` and `env`, and for --url, --key, --control-token and --assume), then from
    the command line; the last one wins.
    """
    ctx.default_map = settings_file.options(Path(settings_file.SETTINGS_FILE), main.commands)


for command in COMMANDS:
    main.add_command(command)


@main.command()
@option("--host", default=HOST, show_default=True, help="Address to listen on.")
@option("--port", default=PORT, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free one.")
@option("--https-port", default=None, type=click.IntRange(0, 65535), help="Also serve https; 0 picks a free one.")
@option("--db", default=None, help='Where jobs are kept; ":memory:" forgets them.  [default: the state directory]')
@option("--speed", default=1.0, show_default=True, type=click.FloatRange(0, 1e6), help="Rate of new accounts' clocks.")
@option("--public-url", default=None, help="Origin of the URLs in answers, when it is not the one that was called.")
@option("--allow-host", multiple=True, help="A further Host name that callers may use; repeatable.")
@option("--allow-egress", multiple=True, help="A host beyond this machine that callbacks may go to; repeatable.")
@option("--control-token", default=None, help="Secret that /_control asks for; needed beyond loopback.")
@option("--seed", default=None, help="Makes ids and choices repeat.")
@option("--start-time", default=None, metavar="TIME", help="First time of new accounts, such as 2027-01-01T00:00:00Z.")
@option("--sync-timeout", default=SYNC_TIMEOUT, show_default=True, help="Seconds that Runflow's /v1/run waits at most.")
@option("--media", default="synthetic", show_default=True, type=click.Choice(MEDIA))
@option("--pace", default=QUICK, show_default=True, type=click.Choice(tuple(PACES)), help="How long jobs usually take.")
@option("--scenario", default="", help="How jobs go that ask for nothing else, such as `slow: 90s`.")
@option("--scenarios", multiple=True, metavar="FILE", help="A TOML or JSON file with more scenarios; repeatable.")
@option(
    "--log",
    default="auto",
    show_default=True,
    type=click.Choice(logs.KINDS),
    help="A line for each request, on standard error; auto is text on a terminal.",
)
@assume
def serve(
    assume: tuple[str, ...],
    allow_host: tuple[str, ...],
    allow_egress: tuple[str, ...],
    db: str | None,
    log: str,
    scenarios: tuple[str, ...],
    start_time: str | None,
    **options: Any,
) -> None:
    """Serve the three providers until interrupted."""
    from screentest import listings
    from screentest.server import serve as run
    from screentest.store import Spend

    settings = Settings(
        db=db or state_file(),
        allow_hosts=allow_host,
        allow_egress=allow_egress,
        scenarios=tuple(scenarios),
        log=logs.chosen(log, sys.stderr),
        start_time=read_time(start_time) if start_time else None,
        switches=switches(assume),
        **options,
    )
    if settings.media == "realistic":
        from screentest.media.realistic import require

        require()

    def announce(server: Running) -> None:
        click.echo(_banner(server, settings))

    def finish(rows: Sequence[Spend]) -> None:
        click.echo(f"\nstopped\n{listings.not_spent(rows)}", nl=False)

    with contextlib.suppress(KeyboardInterrupt):
        run(settings, announce, finish)


@main.command()
@click.option("--out", default="out", show_default=True, type=click.Path(file_okay=False, path_type=Path))
@assume
def demo(out: Path, assume: tuple[str, ...]) -> None:
    """Submit every documented model's example, wait, and save the five MP4s."""
    from screentest.demo import run

    sys.exit(0 if run(out, switches(assume)) else 1)


@main.command()
@option("--host", default=HOST, show_default=True)
@option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option("--shell", default="sh", show_default=True, type=click.Choice(["sh", "fish", "powershell"]))
@as_json
def env(host: str, port: int, shell: str, as_json: bool) -> None:
    """Print the variables that point clients at a running emulator: eval "$(screentest env)".

    Its host and port are those of [serve] in ./screentest.toml, unless [env] has others.
    """
    keys = {"runcomfy": "rc_local", "runflow": "rf_live_local", "hiapi": "sk-local"}
    found = variables(origin("http", host, port), keys)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    forms = {"sh": "export {}={}", "fish": "set -gx {} {}", "powershell": '$env:{} = "{}"'}
    for name, value in found.items():
        click.echo(forms[shell].format(name, value))


@main.command()
@click.argument("provider", required=False, type=click.Choice(PROVIDERS))
@as_json
def models(provider: str | None, as_json: bool) -> None:
    """List the models that are emulated, with their inputs."""
    from screentest import listings

    print_listing(listings.models([provider] if provider else PROVIDERS), as_json)


@main.command()
@click.argument("provider", required=False, type=click.Choice(("all", *PROVIDERS)))
@assume
@as_json
def assumptions(provider: str | None, assume: tuple[str, ...], as_json: bool) -> None:
    """List what is assumed where the documentation is silent or contradicts itself."""
    from screentest import listings

    print_listing(listings.assumptions(provider, switches(assume)), as_json)


@main.group(cls=Group)
def contract() -> None:
    """Show what a provider promises."""


@contract.command("show")
@click.argument("provider", metavar="PROVIDER", type=click.Choice(PROVIDERS))
@assume
@as_json
def contract_show(provider: str, assume: tuple[str, ...], as_json: bool) -> None:
    """Print a provider's facts, each with how we know it."""
    from screentest import listings

    print_listing(listings.facts(provider, switches(assume)), as_json)


@contract.command("openapi")
@click.argument("provider", metavar="PROVIDER", type=click.Choice(PROVIDERS))
@click.option("--server", default=None, help="The URL to name as the server.  [default: the provider's]")
@assume
def contract_openapi(provider: str, server: str | None, assume: tuple[str, ...]) -> None:
    """Print a provider's OpenAPI 3.1 document."""
    from screentest_contracts.load import load
    from screentest_contracts.openapi import to_openapi

    click.echo(json.dumps(to_openapi(load(provider, switches(assume)), server=server), indent=2, ensure_ascii=False))


def _banner(server: Running, settings: Settings) -> str:
    url = server.url
    example = {
        "model": "happyhorse-1.1/reference-to-video",
        "input": {"prompt": "a fox in the snow", "reference_image": ["https://example.com/fox.jpg"]},
    }
    kept = "kept in memory, forgotten at the end" if settings.db == ":memory:" else f"kept in {settings.db}"
    lines = [
        "screentest stands in for RunComfy, Runflow and HiAPI. Any bearer token is an account.",
        "",
        *(f"  {provider:<9} {url}/{provider}" for provider in PROVIDERS),
        f"  {'console':<9} {url}/",
        f"  {'control':<9} {url}/_control/clock",
        *([f"  {'https':<9} {server.https_url}  (trust {server.authority})"] if server.https_url else []),
        f"  {'jobs':<9} {kept}",
        "",
        "Try it:",
        f"  curl -s {url}/hiapi/v1/tasks -H 'Authorization: Bearer sk-local' \\",
        f"    -H 'Content-Type: application/json' -d '{json.dumps(example)}'",
        "",
        "Ctrl-C stops it.",
    ]
    return "\n".join(lines)


main.add_command(ingest)
main.add_command(drift)
main.add_command(verify)
