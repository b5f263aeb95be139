"""Market data from recorded files: any common format and column naming, judged before it is used."""
