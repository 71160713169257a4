-- Where a revision came from, so that going back to one whose document was removed knows it.

ALTER TABLE revisions ADD COLUMN origin TEXT NOT NULL DEFAULT '';
UPDATE revisions SET origin = coalesce(
    (SELECT origin FROM documents d WHERE d.revision = revisions.revision), ''
);
