"""Speed, memory and quality, each with a command: `python -m benchmarks`."""
