"""``python -m screentest`` is ``screentest``."""

from screentest.cli import main

main()
