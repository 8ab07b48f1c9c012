-- Which key seals what is in here, so that a server with another one is not started by mistake.
CREATE TABLE server_key (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    key_id   TEXT    NOT NULL
) STRICT;
