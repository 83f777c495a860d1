"""The verdict on a client: every kind is found, judged and clean, or not judged with the reason. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, structs

from screentest.verdict import collecting, keys, notified, sending
from screentest.verdict.polling import polling
from screentest.verdict.told import Told
from screentest.verdict.value import KINDS, Evidence, Finding, Look

_FORGOTTEN = "the journal forgot older requests of this account for want of room; only what it still has was looked at"
_UNSEEN = "the emulator sees only what is sent to it; in pytest use the fixture assert_no_spend_on_real_hosts"


class Verdict(Struct, frozen=True):
    """What was found; how many things of each kind were `judged`; and why the other kinds were `not_judged`."""

    findings: tuple[Finding, ...]
    judged: Mapping[str, int]
    not_judged: Mapping[str, str]


def verdict(evidence: Evidence) -> Verdict:
    """What the code under test did wrong, as far as one can know.

    A kind that could not be judged, or not wholly, is not clean: it stands in `not_judged`, even beside findings.
    """
    in_order = sorted(evidence.entries, key=lambda entry: (entry.seen.at, entry.number))
    looks = _looks(structs.replace(evidence, entries=in_order))
    reasons = {one.kind: _why_not(one, evidence) for one in looks}
    return Verdict(
        findings=tuple(one for look in looks for one in look.findings),
        judged={one.kind: one.checked for one in looks if not reasons[one.kind]},
        not_judged={kind: why for kind, why in reasons.items() if why},
    )


def _looks(evidence: Evidence) -> list[Look]:
    told = Told(evidence.providers)
    found = [
        *polling(evidence, told),
        sending.retry_after(evidence, told),
        sending.submitted_twice(evidence, told),
        collecting.never_collected(evidence, told),
        collecting.after_expiry(evidence),
        notified.processed_twice(evidence),
        notified.badly_signed(evidence),
        keys.to_media(evidence),
        keys.in_url(evidence),
        Look("key-to-foreign-host", 0, _UNSEEN),
    ]
    assert [one.kind for one in found] == list(KINDS), "every kind is looked for, in the order of the table"
    return found


def _why_not(look: Look, evidence: Evidence) -> str:
    """Why a kind is not judged; "" for one that is."""
    if not look.checked:
        return look.why
    return "" if evidence.whole or not KINDS[look.kind].journal else _FORGOTTEN
