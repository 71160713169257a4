"""One module a format: each has `read(data, *, name)`, which gives a document or says why not."""
