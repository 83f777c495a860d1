"""The verdict on a client: what the code under test did wrong, from the journal of its requests and its callbacks.

`value` is what goes in and comes out, with the table of kinds; `judge` asks each room for its kinds; `told` reads
answers by the contracts.
"""

from screentest.verdict.judge import Verdict as Verdict
from screentest.verdict.judge import verdict as verdict
from screentest.verdict.value import KINDS as KINDS
from screentest.verdict.value import POLL_BOUNDS as POLL_BOUNDS
from screentest.verdict.value import Evidence as Evidence
from screentest.verdict.value import Finding as Finding
