"""Tests of control, of the feed of what happens, and of faults that stand behind each other."""
