"""Runflow: runs as one large record, their callbacks, the assets they use, and the catalogue of models.

A module a resource; this one says which handler serves which operation of the contract.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from screentest.engine import Engine
from screentest.providers.provider_app import ProviderApp, PublicBase
from screentest.providers.runflow import account, assets, batches, deliveries, history, models, runs, signing
from screentest.providers.runflow.deliveries import notifier as notifier
from screentest.providers.runflow.references import files as files
from screentest.providers.runflow.refusals import envelope
from screentest.providers.wire import Call, Handler

_HANDLERS: Mapping[str, Handler] = {
    "health": account.health,
    "readiness": account.readiness,
    "create-run": runs.create_run,
    "list-runs": runs.list_runs,
    "list-run-statuses": runs.list_statuses,
    "get-run": runs.get_run,
    "cancel-run": runs.cancel_run,
    "list-logs": history.list_logs,
    "get-log": history.get_log,
    "list-node-runs": history.list_node_runs,
    "list-deliveries": deliveries.list_deliveries,
    "redeliver": deliveries.redeliver,
    "create-secret": signing.create_secret,
    "list-secrets": signing.list_secrets,
    "get-secret": signing.get_secret,
    "change-secret": signing.change_secret,
    "delete-secret": signing.delete_secret,
    "create-batch": batches.create_batch,
    "get-batch": batches.no_batch,
    "list-batch-items": batches.no_batch,
    "list-batch-deliveries": batches.no_batch,
    "create-upload": assets.create_upload,
    "put-file": assets.put_file,
    "get-file": assets.get_file,
    "confirm-upload": assets.confirm_upload,
    "list-assets": assets.list_assets,
    "list-asset-types": assets.list_types,
    "get-asset": assets.get_asset,
    "delete-asset": assets.delete_asset,
    "list-models": models.list_models,
    "list-public-models": models.list_models,
    "list-model-inputs": models.list_inputs,
    "get-model-input": models.get_input,
    "list-model-examples": models.list_examples,
    "get-model-example": models.get_example,
    "get-model": models.get_model,
    "get-balance": account.get_balance,
    "change-balance": account.change_balance,
    "list-credit-balances": account.list_credit_balances,
    "get-me": account.get_me,
}


def app(engine: Engine, public_base: PublicBase, sync_timeout: float = 300.0) -> ProviderApp:
    """`sync_timeout`: real seconds after which the synchronous route gives up waiting; the run goes on."""

    async def run(call: Call) -> Response:
        return await runs.run_and_wait(call, sync_timeout)

    contract = engine.contracts["runflow"]
    handlers = dict(_HANDLERS)
    if contract.assumed("runflow.sync-route") == "on":
        handlers["run"] = run
    return ProviderApp(contract, engine, handlers, envelope, public_base)
