"""The way out of the emulator: who may be called, connections to the address that was checked, fetching a file."""
