"""The pages to read. Each is a view of what ``/_control`` tells; the address of that is its twin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import Response

from screentest.console import drawing, snippets
from screentest.console.pages import NotShownError, Visit, twin_of
from screentest.console.wishes import field_of, submit_body
from screentest.console.wording import compact

_USUALLY, _MOST = 100, 1000  # lines of a list, and as many as /_control tells at once
_ANSWERS = 20  # of a job's requests, the newest are shown with their answers
_MEASURES = {
    "video": ("width", "height", "seconds", "fps", "audio", "watermark"),
    "image": ("width", "height", "format"),
    "audio": ("milliseconds", "rate"),
}
_CLOSE = 1e-3  # seconds past a moment, so that it is certainly reached


async def jobs(visit: Visit) -> Response:
    """The jobs, newest first."""
    asked = visit.request.query_params
    filters = {name: asked.get(name, "") for name in ("provider", "state", "model", "text", "before")}
    query = visit.of_account(**filters)
    found = (await visit.get("/_control/jobs", query))["jobs"]
    older = found[-1]["serial"] if len(found) == _USUALLY else None
    twin = twin_of("/_control/jobs", query)
    return visit.page("jobs.html", section="jobs", twin=twin, jobs=found, filters=filters, older=older)


async def job(visit: Visit) -> Response:
    """One job: its plan with now on it, its request, every answer, its callbacks and its files."""
    path = f"/_control/jobs/{visit.request.path_params['job']}"
    told = await visit.get(path)
    answers = [await visit.get(f"/_control/requests/{one['number']}") for one in told["requests"][-_ANSWERS:]]
    return visit.page(
        "job.html",
        section="jobs",
        twin=twin_of(path),
        of=told["account_id"],
        job=told,
        answers=answers[::-1],
        drawn=drawing.timeline(told),
        next_event=_next_event(told),
        compared=_compared(told),
        files=[_file(told, one) for one in told["outputs"]],
        curl=snippets.curl(told["request"]),
        python=snippets.python(told["request"]),
        facts=_grouped(told["facts"]),
        moving=told["outcome"] is None and _rate(visit, told["account_id"]) != 0,
    )


async def requests(visit: Visit) -> Response:
    """The journal, newest first."""
    asked = visit.request.query_params
    filters = {name: asked.get(name, "") for name in ("provider", "operation", "status", "refusal", "model")}
    query = visit.of_account(**filters)
    found = (await visit.get("/_control/requests", query))["requests"]
    twin = twin_of("/_control/requests", query)
    return visit.page("requests.html", section="requests", twin=twin, requests=found[::-1], filters=filters)


async def request(visit: Visit) -> Response:
    """One request, and field by field why it was refused."""
    path = f"/_control/requests/{visit.request.path_params['number']}"
    told = await visit.get(path)
    return visit.page("request.html", section="requests", twin=twin_of(path), one=told, facts=_grouped(told["facts"]))


async def callbacks(visit: Visit) -> Response:
    """The callbacks owed and made, newest first."""
    asked = visit.request.query_params
    filters = {name: asked.get(name, "") for name in ("provider", "state")}
    most = _MOST if asked.get("limit") == str(_MOST) else _USUALLY
    query = visit.of_account(**filters, limit=str(most) if most != _USUALLY else "")
    found = (await visit.get("/_control/deliveries", query))["deliveries"]
    failing = None
    if visit.account:
        failing = (await visit.get("/_control/account", visit.of_account()))["failing_callbacks"] or 0
    names = {one["id"]: one for one in visit.accounts}
    return visit.page(
        "callbacks.html",
        section="callbacks",
        twin=twin_of("/_control/deliveries", query),
        deliveries=found[::-1],
        filters=filters,
        cut=len(found) == most,
        most=_MOST,
        failing=failing,
        names=names,
    )


async def callback(visit: Visit) -> Response:
    """One callback with its attempts: what was sent, what was answered, and whether the signature holds."""
    path = f"/_control/deliveries/{visit.request.path_params['delivery']}"
    told = await visit.get(path)
    of = told["account"]
    failing = (await visit.get("/_control/account", {"account": of}))["failing_callbacks"] or 0
    clock = next((one for one in visit.accounts if one["id"] == of), None)
    return visit.page(
        "callback.html", section="callbacks", twin=twin_of(path), of=of, one=told, failing=failing, clock=clock
    )


async def rules(visit: Visit) -> Response:
    """Scenarios and faults: what is armed, and what there is."""
    query = visit.of_account()
    scenarios = await visit.get("/_control/scenarios", query)
    faults = await visit.get("/_control/faults", query)
    providers = [one["name"] for one in (await visit.get("/_control/contract"))["providers"]]
    twin = twin_of("/_control/scenarios", query)
    return visit.page(
        "rules.html",
        section="rules",
        twin=twin,
        scenarios=scenarios,
        faults=faults,
        providers=providers,
        which=f"?account={visit.account['id']}" if visit.account else "",
    )


async def contract(visit: Visit) -> Response:
    """The providers, and every assumption with its switch."""
    told = await visit.get("/_control/contract")
    groups: dict[str, list[Any]] = defaultdict(list)
    for one in told["assumptions"]:
        groups[one["id"].partition(".")[0]].append(one)
    return visit.page("contract.html", section="contract", twin="/_control/contract", told=told, groups=groups)


async def provider(visit: Visit) -> Response:
    """One provider: its states, operations, models and failures."""
    path = f"/_control/contract/{visit.request.path_params['provider']}"
    told, text = await visit.get(path), visit.request.query_params.get("text", "")
    found = [name for name in told["models"] if text.lower() in name.lower()]
    drawn = drawing.diagram(told["lifecycle"])
    return visit.page(
        "provider.html", section="contract", twin=twin_of(path), one=told, drawn=drawn, models=found, text=text
    )


async def model(visit: Visit) -> Response:
    """One model: its inputs as a form, and how each rule is known."""
    params = visit.request.path_params
    path = f"/_control/contract/{params['provider']}/{params['model']}"
    told = await visit.get(path)
    scenarios = (await visit.get("/_control/scenarios"))["known"]
    return visit.page(
        "model.html",
        section="contract",
        twin=twin_of(path),
        one=told,
        fields=[_field(told, name, schema) for name, schema in told["input"].get("properties", {}).items()],
        others=[fact for fact in told["facts"] if not _about(fact).startswith(("input/properties", "example"))],
        scenarios=scenarios,
        body=submit_body(told["submit"], told["id"], told["example"]),
    )


async def spend(visit: Visit) -> Response:
    """What was not spent, per model and day."""
    query = visit.of_account()
    told = await visit.get("/_control/spend", query)
    return visit.page("spend.html", section="spend", twin=twin_of("/_control/spend", query), told=told)


async def login(visit: Visit) -> Response:
    """Asks for the control token."""
    return visit.page("login.html", back=inside(visit.request.query_params.get("back", "/")), wrong=False)


def problem(visit: Visit, error: NotShownError) -> Response:
    """A refusal as a page, with the way back."""
    back = inside(urlsplit(visit.request.headers.get("referer", "/"))._replace(scheme="", netloc="").geturl())
    return visit.page("problem.html", status=error.status, sentence=str(error), code=error.status, back=back)


def inside(path: str) -> str:
    """A path of this console; anything that might lead elsewhere is the first page."""
    ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if ours else "/"


def _file(told: Mapping[str, Any], output: Mapping[str, str]) -> dict[str, str]:
    """An output with the address under which a page shows it."""
    name = urlsplit(output["url"]).path.rpartition("/")[2]
    return {"type": output["type"], "url": output["url"], "name": name, "shown": f"/jobs/{told['id']}/files/{name}"}


def _compared(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was asked for beside what was made, field by field; nothing was made where there is no file."""
    asked, made = _of_its_kind(told["asked"]), _of_its_kind(told["made"]) if told["outputs"] else {}
    return [{"name": name, "asked": asked.get(name), "made": made.get(name)} for name in {**asked, **made}]


def _of_its_kind(clip: Mapping[str, Any]) -> dict[str, str]:
    names = ("kind", *_MEASURES[clip.get("kind", "video")], "count", "seed", "label", "fingerprint")
    return {name: compact(clip[name]) for name in names if name in clip}


def _next_event(told: Mapping[str, Any]) -> float | None:
    """The moment of the next thing that happens to a job."""
    moments = [one["at"] for one in told["timeline"]] + [one["due"] for one in told["deliveries"]]
    ahead = [at for at in moments if at is not None and at > told["now"]]
    return min(ahead) + _CLOSE if ahead else None


def _rate(visit: Visit, account: str) -> float:
    return next((float(one["rate"]) for one in visit.accounts if one["id"] == account), 1.0)


def _grouped(facts: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for fact in facts:
        groups[fact["about"]].append(fact)
    return groups


def _about(fact: Mapping[str, Any]) -> str:
    """Where in its file a fact stands."""
    return str(fact["at"]).partition("#/")[2]


def _field(told: Mapping[str, Any], name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """One input of a model: how it is filled in, and its rules with their facts."""
    at = f"input/properties/{name}/"
    rules = [
        {**fact, "rule": _about(fact).removeprefix(at)}
        for fact in told["facts"]
        if _about(fact).startswith(at) and not _about(fact).endswith(("/description", "/title"))
    ]
    needed = name in told["input"].get("required", ())
    return {**field_of(name, schema, told["example"]), "rules": rules, "required": needed}
