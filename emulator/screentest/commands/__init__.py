"""The commands that talk to a running server, through its control API and nothing else.

A module a subject; `remote` finds the server, `options`, `printing` and `happenings` are what they share.
"""

from __future__ import annotations

from screentest.commands import account, clock, deliveries, jobs, requests, rules, watch

COMMANDS = (
    *(jobs.jobs, watch.watch, clock.advance, clock.clock, rules.scenario, rules.fault),
    *(deliveries.deliveries, deliveries.resend, deliveries.trigger),
    *(requests.requests, requests.explain, account.reset, account.spend),
)
