"""Collection rule: keeps pytest away from the script that only vectorbt's own environment can import."""

collect_ignore = ["vectorbt_oracle.py"]
