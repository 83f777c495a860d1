"""How a job goes otherwise than usual: what a scenario is, the ones that ship, and how a request gets one.

`value` is a scenario and its strict parser, `library` the files they come from, `choice` the text that asks for one.
"""

from screentest.scenario.choice import REFUSALS as REFUSALS
from screentest.scenario.choice import Chosen as Chosen
from screentest.scenario.choice import check as check
from screentest.scenario.choice import choose as choose
from screentest.scenario.choice import demanded as demanded
from screentest.scenario.choice import fitted as fitted
from screentest.scenario.choice import header_safe as header_safe
from screentest.scenario.library import library as library
from screentest.scenario.library import shipped as shipped
from screentest.scenario.value import USUAL as USUAL
from screentest.scenario.value import Scenario as Scenario
