-- Grants that are over are found by walking, too: of the eight pages that a login wrote, this index was one.
DROP INDEX grants_by_end;
