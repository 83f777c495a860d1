"""What tests hold in their hands: an account of an emulator, a receiver of its callbacks, a guard.

The pytest plugin makes them; this package knows no pytest and imports nothing of the server: everything goes over HTTP.
`account` is the account, `control` its door to ``/_control``, `clock` its time, `receiver` hears its callbacks,
`verdict` is what the emulator found wrong with its caller, `guard` keeps calls from real providers, `tally` counts for
the summary, `wishes` reads the marker.
"""

from screentest.testing.account import Screentest as Screentest
from screentest.testing.clock import Clock as Clock
from screentest.testing.control import Control as Control
from screentest.testing.control import ControlError as ControlError
from screentest.testing.guard import RealHostError as RealHostError
from screentest.testing.receiver import NothingReceivedError as NothingReceivedError
from screentest.testing.receiver import Received as Received
from screentest.testing.receiver import Receiver as Receiver
from screentest.testing.verdict import Finding as Finding
from screentest.testing.verdict import Verdict as Verdict
