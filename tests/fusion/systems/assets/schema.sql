-- asset register and its tickets
CREATE TABLE ref_site (
    site_cd        varchar(6) PRIMARY KEY,
    site_nm        varchar(80) NOT NULL,
    country_cd     char(2) NOT NULL
);

CREATE TABLE usr_person (
    person_id      bigserial PRIMARY KEY,
    login          varchar(32) NOT NULL UNIQUE,
    display_nm     varchar(100) NOT NULL,
    email_addr     varchar(254) NOT NULL UNIQUE,
    pw_digest      text NOT NULL,
    is_agent       boolean NOT NULL DEFAULT false,
    created_ts     timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ast_asset (
    asset_id       bigserial PRIMARY KEY,
    tag_no         varchar(16) NOT NULL UNIQUE,
    descr          varchar(200) NOT NULL,
    category       varchar(20) NOT NULL,
    serial_no      varchar(40),
    site_cd        varchar(6) NOT NULL REFERENCES ref_site (site_cd),
    holder_id      bigint REFERENCES usr_person (person_id),
    bought_on      date,
    cost_amt       numeric(10, 2) CHECK (cost_amt >= 0),
    retired        boolean NOT NULL DEFAULT false
);

CREATE TABLE tkt_ticket (
    ticket_id      bigserial PRIMARY KEY,
    asset_id       bigint REFERENCES ast_asset (asset_id),
    raised_by      bigint NOT NULL REFERENCES usr_person (person_id),
    agent_id       bigint REFERENCES usr_person (person_id),
    subject        varchar(140) NOT NULL,
    body_txt       text,
    prio           smallint NOT NULL DEFAULT 3,
    state          varchar(16) NOT NULL DEFAULT 'open',
    opened_ts      timestamptz NOT NULL DEFAULT now(),
    closed_ts      timestamptz,
    CHECK (closed_ts IS NULL OR closed_ts >= opened_ts)
);

CREATE TABLE tkt_comment (
    comment_id     bigserial PRIMARY KEY,
    ticket_id      bigint NOT NULL REFERENCES tkt_ticket (ticket_id) ON DELETE CASCADE,
    author_id      bigint NOT NULL REFERENCES usr_person (person_id),
    body_txt       text NOT NULL,
    written_ts     timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE tkt_label (
    label_id       serial PRIMARY KEY,
    label_nm       varchar(30) NOT NULL UNIQUE
);

CREATE TABLE tkt_ticket_label (
    ticket_id      bigint NOT NULL REFERENCES tkt_ticket (ticket_id) ON DELETE CASCADE,
    label_id       integer NOT NULL REFERENCES tkt_label (label_id),
    PRIMARY KEY (ticket_id, label_id)
);
