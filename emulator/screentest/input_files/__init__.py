"""A model's input files: which a request has, what their bytes say they are, which rules they break. Pure."""
