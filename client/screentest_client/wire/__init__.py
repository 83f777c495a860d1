"""The wire format: requests as bytes, answers as jobs or errors. One module a provider; pure, no I/O and no keys."""
