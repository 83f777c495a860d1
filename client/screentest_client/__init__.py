"""A thin client for RunComfy, Runflow and HiAPI: the same code against the emulator and the real host."""
