"""What the providers promise, as data with provenance. Pure: no sockets, no clock."""
