"""Transcripts through the whole house, with the clock following the transcript."""
