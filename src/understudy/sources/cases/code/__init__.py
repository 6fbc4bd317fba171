"""Test programs: parsed, run on paper, told as steps."""
