"""Detectors of change in a series of numbers: each an ``update(state, params, x) -> bool``, true when it alarms.

After an alarm a detector starts afresh: what comes after a change is judged on its own. A value that is NaN or infinite
is passed over.
"""
