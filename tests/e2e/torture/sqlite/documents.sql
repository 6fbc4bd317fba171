CREATE TABLE payload (id INTEGER PRIMARY KEY, a TEXT NOT NULL CHECK (json_type(a, '$.items') = 'array'),
  b TEXT CHECK (json_extract(b, '$.n') > 5), c TEXT CHECK (json_valid(c) AND json_array_length(c) > 0));
CREATE TABLE typed (id INTEGER PRIMARY KEY, k TEXT NOT NULL, v REAL NOT NULL CHECK (v BETWEEN 0 AND 1), w ANY) STRICT;
CREATE TABLE bare (a TEXT, b INT, c BLOB, PRIMARY KEY (a, b)) WITHOUT ROWID;
