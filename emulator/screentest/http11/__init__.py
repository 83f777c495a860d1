"""HTTP/1.1 over sockets, for uvicorn to run: `connection` reads requests, `answering` writes answers."""
