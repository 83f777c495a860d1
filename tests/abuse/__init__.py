"""What no client should send, and what should not hurt."""
