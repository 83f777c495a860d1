"""`screentest verify`: does this server keep the documented contract? One ruler for the emulator and the live provider.

`side` is the server under test as a client sees it, `session` sends and judges, `engines` think of what to send,
`findings` is what came of it.
"""
