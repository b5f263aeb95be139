"""Market data from recorded files: any common format and column naming, assessed before it is used."""
