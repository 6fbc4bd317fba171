CREATE TABLE self_n (id INT AUTO_INCREMENT PRIMARY KEY, parent INT NULL, pos TINYINT NOT NULL, UNIQUE (parent, pos), FOREIGN KEY (parent) REFERENCES self_n(id));
CREATE TABLE self_e (id INT AUTO_INCREMENT PRIMARY KEY, parent INT NULL, kind ENUM('a','b','c') NOT NULL, UNIQUE (parent, kind), FOREIGN KEY (parent) REFERENCES self_e(id));
CREATE TABLE self_uuid (id UUID PRIMARY KEY, parent UUID NULL, name VARCHAR(20) NOT NULL, FOREIGN KEY (parent) REFERENCES self_uuid(id));
CREATE TABLE self_two (id INT PRIMARY KEY, up INT NULL, prev INT NULL UNIQUE, FOREIGN KEY (up) REFERENCES self_two(id), FOREIGN KEY (prev) REFERENCES self_two(id));
CREATE TABLE closure (anc INT NOT NULL, des INT NOT NULL, depth INT NOT NULL CHECK (depth >= 0), PRIMARY KEY (anc, des), FOREIGN KEY (anc) REFERENCES self_n(id), FOREIGN KEY (des) REFERENCES self_n(id));
CREATE TABLE tagged (tenant INT NOT NULL, id INT NOT NULL, parent INT NULL, name VARCHAR(30) NOT NULL, PRIMARY KEY (tenant, id), FOREIGN KEY (tenant, parent) REFERENCES tagged(tenant, id));
