"""The project of somebody who uses screentest. Its tests are run by ours, in processes of their own."""
