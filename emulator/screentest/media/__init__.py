"""Synthetic media, made in pure Python: a request goes in, the bytes of a playable file come out."""
