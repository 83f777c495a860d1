"""One room a provider: each turns its wire format into jobs and jobs into its wire format, from its contract."""
