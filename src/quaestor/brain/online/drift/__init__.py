"""Change detectors of a series of numbers: each an ``update(state, params, x) -> bool``, true when it alarms.

After an alarm a detector starts afresh, so that values after a change are tested on their own. A value that is NaN or
infinite is skipped.
"""
