"""Tests of the judge and the monitor: nothing is found where all is well, every planted defect is."""
