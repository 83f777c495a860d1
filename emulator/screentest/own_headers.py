"""The headers of our own, beside those of the providers: what callers ask for, and what answers tell them."""

SCENARIO = "screentest-scenario"
"""How a job is to go; in the answer of a submit, how it goes."""
FAULT = "screentest-fault"
"""What is to go wrong with the answer; in the answer, what was."""
WARNING = "screentest-warning"
"""What was asked for and means nothing here."""
JOB = "screentest-job"
"""The job that a file, or an answer without an id, belongs to."""
CONTROL_TOKEN = "screentest-control-token"  # noqa: S105 - a header's name
"""The token of a server that is open to other machines."""
