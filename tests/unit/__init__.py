"""Tests of the rooms below the wire: each one by itself, without an app."""
