-- Full text of whole live documents: a passage counts for more where its document speaks of the
-- question as a whole. rowid is chunks.number of the document's first chunk.

CREATE VIRTUAL TABLE documents_text USING fts5 (
    title, text, tokenize = 'porter unicode61 remove_diacritics 2'
);
INSERT INTO documents_text (rowid, title, text)
SELECT min(c.number), r.title, group_concat(c.text, ' ')
FROM documents d
JOIN revisions r ON r.revision = d.revision
JOIN chunks c ON c.revision = d.revision
GROUP BY d.revision;

-- Its stems, by which a misspelt word is put right, and where each stands.
CREATE VIRTUAL TABLE documents_words USING fts5vocab ('documents_text', 'row');
CREATE VIRTUAL TABLE chunks_words USING fts5vocab ('chunks_text', 'instance');
