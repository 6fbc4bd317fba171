-- berths of a marina, the boats that lie in them, and what is owed for it (SQLite)
CREATE TABLE skipper (
    skipper_no   INTEGER PRIMARY KEY,
    full_name    TEXT NOT NULL CHECK (length(full_name) BETWEEN 2 AND 70),
    mail         TEXT NOT NULL UNIQUE,
    mobile       TEXT,
    nation       TEXT NOT NULL CHECK (length(nation) = 2),
    since        DATE NOT NULL
);

CREATE TABLE vessel (
    vessel_no    INTEGER PRIMARY KEY,
    skipper_no   INTEGER NOT NULL REFERENCES skipper (skipper_no),
    boat_name    TEXT NOT NULL,
    hull_id      TEXT NOT NULL UNIQUE,
    length_m     DECIMAL(5, 2) NOT NULL CHECK (length_m > 0),
    draught_m    DECIMAL(4, 2),
    rig          TEXT NOT NULL CHECK (rig IN ('sloop', 'ketch', 'cat', 'motor'))
);

CREATE TABLE pier (
    pier_code    TEXT PRIMARY KEY,
    pier_title   TEXT NOT NULL
);

CREATE TABLE berth (
    berth_no     INTEGER PRIMARY KEY,
    pier_code    TEXT NOT NULL REFERENCES pier (pier_code),
    place        INTEGER NOT NULL,
    max_length_m DECIMAL(5, 2) NOT NULL,
    shore_power  BOOLEAN NOT NULL DEFAULT 0,
    UNIQUE (pier_code, place)
);

CREATE TABLE stay (
    stay_no      INTEGER PRIMARY KEY,
    vessel_no    INTEGER NOT NULL REFERENCES vessel (vessel_no),
    berth_no     INTEGER NOT NULL REFERENCES berth (berth_no),
    arrival      DATE NOT NULL,
    departure    DATE NOT NULL,
    state        TEXT NOT NULL DEFAULT 'requested',
    crew         INTEGER NOT NULL CHECK (crew >= 1),
    remark       TEXT,
    CHECK (departure > arrival)
);

CREATE TABLE extra (
    extra_no     INTEGER PRIMARY KEY,
    stay_no      INTEGER NOT NULL REFERENCES stay (stay_no) ON DELETE CASCADE,
    kind         TEXT NOT NULL,
    amount       DECIMAL(8, 2) NOT NULL CHECK (amount >= 0)
);
