"""Tests of what goes over the wire: the whole emulator, called in-process."""
