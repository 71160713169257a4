-- The truth about which passages live. Vectors in Chroma follow it (see library.py).

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- A document's revisions: the live one and the last ones before it.
CREATE TABLE revisions (
    revision    TEXT PRIMARY KEY,
    scope       TEXT NOT NULL,
    document_id TEXT NOT NULL,
    digest      TEXT NOT NULL,
    title       TEXT NOT NULL,
    summary     TEXT,
    updated     TEXT,
    source      TEXT,
    created_at  TEXT NOT NULL
) STRICT;
CREATE INDEX revisions_document ON revisions (scope, document_id);

-- Which revision of a document answers questions. `origin` is the folder or file it came from.
CREATE TABLE documents (
    scope    TEXT NOT NULL,
    id       TEXT NOT NULL,
    revision TEXT NOT NULL REFERENCES revisions (revision),
    origin   TEXT NOT NULL,
    PRIMARY KEY (scope, id)
) STRICT;
CREATE INDEX documents_revision ON documents (revision);
CREATE INDEX documents_origin ON documents (origin);

-- The vector stands here too (float16, unit length), so that going back to an old revision, or
-- building the vector store anew, needs no model.
CREATE TABLE chunks (
    number   INTEGER PRIMARY KEY,
    id       TEXT NOT NULL UNIQUE,
    revision TEXT NOT NULL REFERENCES revisions (revision),
    position INTEGER NOT NULL,
    text     TEXT NOT NULL,
    headings TEXT NOT NULL,
    page     INTEGER,
    line     INTEGER,
    vector   BLOB NOT NULL
) STRICT;
CREATE INDEX chunks_revision ON chunks (revision, position);

-- Full text of the live chunks only; rowid is chunks.number.
CREATE VIRTUAL TABLE chunks_text USING fts5 (
    title, headings, text, tokenize = 'porter unicode61 remove_diacritics 2'
);

-- Vectors that are on their way in or out of Chroma; empty when nothing is under way.
CREATE TABLE journal (
    chunk_id TEXT PRIMARY KEY,
    scope    TEXT NOT NULL,
    action   TEXT NOT NULL CHECK (action IN ('add', 'remove'))
) STRICT;

-- Every switch, numbered: the newest number is the library's version.
CREATE TABLE history (
    version     INTEGER PRIMARY KEY AUTOINCREMENT,
    at          TEXT NOT NULL,
    action      TEXT NOT NULL,
    scope       TEXT NOT NULL,
    document_id TEXT NOT NULL,
    revision    TEXT,
    previous    TEXT
) STRICT;
CREATE INDEX history_revision ON history (revision);
