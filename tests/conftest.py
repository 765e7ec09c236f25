"""What holds for every test."""

from __future__ import annotations

import os
import signal
import sys

# Without bytecode each of hundreds of processes compiles every module again, and each worker rewrites every assertion.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A shell starts background jobs with SIGINT ignored, and their children inherit that: an interrupt would not be one.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
