"""Options from ``screentest.toml``: a table for each command, or for a group of them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from screentest.environment import origin
from screentest.errors import SetupError
from screentest.settings import HOST, PORT

SETTINGS_FILE = "screentest.toml"

Commands = Mapping[str, click.Command]
Options = dict[str, Any]


def options(path: Path, commands: Commands) -> Options:
    """What the file, if there is one, has for each command, by click's own names. SetupError for a mistake.

    A group's options are those of its commands; click gives each the ones that it has.
    """
    tables = _tables(path)
    found: dict[str, Options] = {}
    for name, given in tables.items():
        if name not in commands or not isinstance(given, dict):
            raise SetupError(f"{path}: [{name}] is no command; there are {', '.join(commands)}")
        found[name] = _checked(given, _known(commands[name]), f"{path}: [{name}]", name)
    led = _led_by_serve(found.get("serve", {}))
    spread: Options = {}
    for name, command in commands.items():
        own = led | found.get(name, {})
        spread[name] = dict.fromkeys(command.commands, own) if isinstance(command, click.Group) else own
    return spread


def _tables(path: Path) -> Options:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"{path}: not TOML: {error}") from None
    except OSError as error:
        raise SetupError(f"{path}: cannot be read: {error.strerror}") from None


def _known(command: click.Command) -> dict[str, click.Option]:
    """The options of a command, or of those of a group, as they are written on the command line."""
    inner = command.commands.values() if isinstance(command, click.Group) else [command]
    found = [one for each in inner for one in each.params if isinstance(one, click.Option)]
    return {flag.removeprefix("--"): one for one in found for flag in one.opts if flag.startswith("--")}


def _checked(given: Options, known: Mapping[str, click.Option], where: str, command: str) -> Options:
    """The values by the names of click's parameters."""
    found: Options = {}
    for written, value in given.items():
        option = known.get(written.replace("_", "-"))
        if option is None:
            raise SetupError(f"{where} has no option {written!r}; see `screentest {command} -h`")
        assert option.name, "click names every option"
        if option.name in found:
            raise SetupError(f"{where} {written} is there twice")
        if option.multiple != isinstance(value, list) or isinstance(value, dict):
            wanted = f"a list, such as {written} = [{json.dumps(value, default=str)}]"
            raise SetupError(f"{where} {written} takes {wanted if option.multiple else 'a single value'}")
        for one in value if option.multiple else [value]:
            if not _fits(one, option):
                raise SetupError(f"{where} {written} takes {_kind(option)}, not {json.dumps(one, default=str)}")
        found[option.name] = value
    return found


def _fits(value: object, option: click.Option) -> bool:
    """Whether the value is of the option's kind: click would make 1 of `true`, and an integer of 1.5."""
    if option.is_flag or isinstance(value, bool):
        return option.is_flag and isinstance(value, bool)
    return not (isinstance(option.type, click.types.IntParamType) and isinstance(value, float))


def _kind(option: click.Option) -> str:
    if option.is_flag:
        return "true or false"
    return {"integer": "an integer", "float": "a number"}.get(option.type.name.split()[0], "text")


def _led_by_serve(served: Options) -> Options:
    """What follows from [serve] for commands about a running server: they mean the one that it starts.

    Of a port that is free then (0) nobody can know.
    """
    where = {name: served[name] for name in ("host", "port") if served.get(name)}
    if not where:
        return {}
    return where | {"url": origin("http", where.get("host", HOST), where.get("port", PORT))}
