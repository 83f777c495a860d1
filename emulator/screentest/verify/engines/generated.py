"""What another tool thinks of: Schemathesis on the contract's OpenAPI document, valid and invalid, alone and by links.

Schemathesis generates; our judge and monitor decide. It never reaches a network: the WSGI app that it is given puts
every request through the session, which adds the key. So there is no key to generate, and none to be overwritten.
"""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis.engine import events, from_schema

from screentest.verify.engines import Effort, surface
from screentest.verify.engines.door import Door
from screentest.verify.engines.scene import Scene
from screentest.verify.session import Run, session
from screentest_contracts.document import Model
from screentest_contracts.load import Contract
from screentest_contracts.openapi import to_openapi
from screentest_contracts.openapi_schema import PREFIX
from screentest_contracts.reading import Json

NAME = "generated"
_LIVES = 8  # so many random lives of an effort are one example of each operation: there are many operations
_WALKS = 3  # and so many are one walk along the links
_FEW = 1  # model, but in depth: every edge of each one's input is the business of `enumerated`


class GeneratorError(Exception):
    """Schemathesis cannot work with the document; the message says where and why."""


def run(run: Run, effort: Effort) -> None:
    """Every operation at the edges of its schema and at random, then along the links from answers to requests."""
    models = surface.models(run.contract, effort.depth, effort.only)
    whole = effort.depth == "full"
    document = document_of(run.contract, models if whole else models[:_FEW], run.side.base)
    if not whole:
        ask_once(document)
    with session(run, NAME) as one:
        door = Door(Scene(one))
        schema = schemathesis.openapi.from_dict(document, config=schemathesis.Config.from_dict(settings_of(effort)))
        schema.app = door
        stream = from_schema(schema).execute()
        for event in stream:
            if door.cause is not None:
                stream.stop()
            elif isinstance(event, events.Interrupted):
                raise KeyboardInterrupt
            elif isinstance(event, events.NonFatalError):
                raise GeneratorError(f"Schemathesis stopped at {event.label}: {event.value}") from event.value
            elif isinstance(event, events.FatalError):
                raise GeneratorError(f"Schemathesis stopped: {event.exception}") from event.exception
        if door.cause is not None:
            raise door.cause


def settings_of(effort: Effort) -> dict[str, Json]:
    """What is set in Schemathesis. Nothing is kept on disk, and nothing is read from the source of the app."""
    return {
        "seed": effort.seed,
        "generation": {
            "max-examples": max(1, effort.examples // _LIVES),
            "database": "none",
            "no-shrink": True,
            "with-security-parameters": False,
        },
        "phases": {
            "examples": {"enabled": False},  # those of the models are sent by every other engine
            "coverage": {"unexpected-methods": ["PUT", "TRACE"]},
            "stateful": {
                "max-steps": max(2, effort.steps),
                "generation": {"max-examples": max(1, effort.examples // _WALKS)},
            },
        },
        "checks": {"enabled": False, "not_a_server_error": {"enabled": True}},  # without any it sends nothing
        "continue-on-failure": True,
        "cache": {"enabled": False},
        "analysis": {"constants": {"enabled": False}},
        "suppress-health-check": ["all"],
    }


def document_of(contract: Contract, models: list[Model], server: str) -> dict[str, Json]:
    """The contract as OpenAPI, about these models. What waits for a job's end is left out; what makes no job is asked
    about the first model."""
    document = to_openapi(contract, server=server)
    ids = {one.id for one in models}
    waiting = {one.id for one in contract.provider.operations.values() if surface.waits(one)}
    for path, item in list(document["paths"].items()):
        for method, operation in list(item.items()):
            about = operation.get(PREFIX + "model")
            known = ids if operation[PREFIX + "billable"] else {models[0].id}
            if operation[PREFIX + "operation"] in waiting or about not in {None, *known}:
                del item[method]
        if not item:
            del document["paths"][path]
    for operation in (one for item in document["paths"].values() for one in item.values()):
        for media in operation.get("requestBody", {}).get("content", {}).values():
            _narrow(media, {one.key for one in models})
    return document


def ask_once(document: dict[str, Any]) -> None:
    """Leave a parameter of queries that many operations have, in the same words, to the first of them."""
    known: list[Json] = []
    for operation in (one for item in document["paths"].values() for one in item.values()):
        mine = operation.get("parameters", [])
        operation["parameters"] = [one for one in mine if one["in"] != "query" or one not in known]
        known += mine


def _narrow(media: dict[str, Any], keys: set[str]) -> None:
    """Leave these models of a body that takes the input of any."""
    if len(media["examples"]) > 1:
        chosen = zip(media["examples"], media["schema"]["oneOf"], strict=True)
        media["schema"]["oneOf"] = [rule for key, rule in chosen if key in keys]
        media["examples"] = {key: one for key, one in media["examples"].items() if key in keys}
