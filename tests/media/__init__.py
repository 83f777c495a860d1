"""Tests of the media room. ffmpeg, which shares no code with it, is the judge."""
