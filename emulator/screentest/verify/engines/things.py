"""Everything beside jobs: what is kept for an account is made, read, listed, changed and removed; every body at its
edges."""

from __future__ import annotations

from collections.abc import Mapping

from screentest.verify.engines import surface
from screentest.verify.engines.journeys import pages
from screentest.verify.engines.scene import Scene
from screentest.verify.side import NOBODY, ONE, TWO, Ask
from screentest_contracts.document import Operation
from screentest_contracts.edges import Case, accepted_by, refused_by
from screentest_contracts.reading import Json

_ROUNDS = 2  # what is listed in the second was made in the first
_FILE = b"\x89PNG"


def tour(scene: Scene) -> None:
    """Call every operation that makes no job: with what is there, then by another account, then after its removal."""
    for _ in range(_ROUNDS):
        for operation in surface.others(scene.contract):
            if _reaches_jobs(operation):
                continue
            if _is_private(operation):
                _spy(scene, operation)
            _use(scene, operation)
            if operation.id in {one.id for one in surface.lists(scene.contract)}:
                pages(scene, operation, scene.values(operation))
    for operation in surface.others(scene.contract):
        if operation.parameters and "unknown-item" in operation.failures:
            _use(scene, operation, who=TWO)
    _links_out_of_time(scene)
    for operation in surface.lists(scene.contract):
        scene.ask(Ask(method=operation.method, path=surface.path_of(operation, scene.values(operation))))


def _is_private(operation: Operation) -> bool:
    """Whether it is about one thing that is kept for an account."""
    known = operation.job_parameter or operation.model_at
    return bool(operation.key and operation.parameters) and not known and "unknown-item" in operation.failures


def _spy(scene: Scene, operation: Operation) -> None:
    """Another account tries the same with it."""
    path = surface.path_of(operation, scene.values(operation))
    exchange = scene.ask(Ask(method=operation.method, path=path, who=TWO, body=_body(scene, operation)))
    if exchange.status in operation.answers:
        judge = scene.session.run.judge
        fact, said = judge.facts.at("/failures/unknown-item/status"), "it is kept for another account"
        scene.session.blame([judge.violation("tenancy.read", operation.id, exchange, fact, said)])


def queries(scene: Scene) -> None:
    """Every parameter of every query, about what there is."""
    for operation in surface.others(scene.contract):
        for name, rule in operation.query.items():
            path = surface.path_of(operation, scene.values(operation))
            for text in surface.texts(rule):
                scene.ask(Ask(method=operation.method, path=path, query={name: text}, body=_body(scene, operation)))


def _links_out_of_time(scene: Scene) -> None:
    """Signed links with another type than they were made for, and long after they were made."""
    assets = scene.contract.provider.assets
    if assets is None or not scene.side.controlled:
        return
    for wait in (0.0, assets.upload_lifetime + 60.0, assets.link_lifetime + 60.0):
        scene.session.wait(wait)
        for operation in surface.others(scene.contract):
            for link in [] if operation.key else scene.links(operation):
                declared = {"content-type": "text/plain"} if wait == 0 else {}
                raw = _FILE if operation.method == "PUT" else b""
                scene.ask(Ask(method=operation.method, path=link, who=NOBODY, raw=raw, headers=declared))


def edges_of_bodies(scene: Scene, operation: Operation) -> None:
    """Every edge of the body of an operation that makes no job, and every rule of it broken."""
    for case in _cases(scene, operation):
        path = surface.path_of(operation, scene.values(operation))
        scene.ask(Ask(method=operation.method, path=path, body=case.input))


def uses(scene: Scene, operation: Operation) -> None:
    """One call of one operation, as `tour` makes it."""
    _use(scene, operation)


def _use(scene: Scene, operation: Operation, who: str = ONE) -> None:
    if not operation.key:
        for link in scene.links(operation):
            raw, headers = _upload(scene, operation)
            scene.ask(Ask(method=operation.method, path=link, who=NOBODY, raw=raw, headers=headers))
        if scene.links(operation):
            return
    body = _body(scene, operation)
    path = surface.path_of(operation, scene.values(operation))
    scene.ask(Ask(method=operation.method, path=path, who=who, body=body))


def _upload(scene: Scene, operation: Operation) -> tuple[bytes, dict[str, str]]:
    """What goes to a link: nothing, or a file of the type that it was made for."""
    if operation.method != "PUT":
        return b"", {}
    wishes = [_body(scene, one) for one in surface.others(scene.contract) if one.body]
    kind = next((one["mime_type"] for one in wishes if isinstance(one, dict) and "mime_type" in one), "image/png")
    return _FILE, {"content-type": kind}


def _body(scene: Scene, operation: Operation) -> Json:
    """The simplest valid body."""
    return None if operation.body is None else surface.example_of(_schema(scene, operation))


def _schema(scene: Scene, operation: Operation) -> Mapping[str, Json]:
    assert operation.body, "only operations with a body have a schema of one"
    return scene.contract.provider.schemas[operation.body]  # type: ignore[no-any-return]


def _cases(scene: Scene, operation: Operation) -> list[Case]:
    assert operation.body, "only operations with a body have edges of one"
    schema, example = scene.contract.body(operation.body), _body(scene, operation)
    return [*refused_by(schema, example), *accepted_by(schema, example)]


def _reaches_jobs(operation: Operation) -> bool:
    """Whether it changes a job: those are for the journeys."""
    return operation.job_parameter is not None and operation.method != "GET"
