"""Sources of data: files, dated series, news and instrument rules."""
