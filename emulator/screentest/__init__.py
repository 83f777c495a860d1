"""screentest: a local stand-in for the RunComfy, Runflow and HiAPI video APIs."""
