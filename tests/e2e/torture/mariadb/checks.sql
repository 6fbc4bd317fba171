CREATE TABLE c1 (id INT AUTO_INCREMENT PRIMARY KEY,
 age INT CHECK (age >= 0 AND age < 130), pct DECIMAL(5,2) NOT NULL CHECK (pct BETWEEN 0 AND 100), state VARCHAR(10) NOT NULL CHECK (state IN ('new','paid','sent')), code VARCHAR(10) NOT NULL CHECK (char_length(code) = 8), pat VARCHAR(20) NOT NULL CHECK (pat REGEXP '^[A-Z]{3}-[0-9]{4}$'), lk VARCHAR(20) NOT NULL CHECK (lk LIKE 'AB%'),
 a INT NOT NULL, b INT NOT NULL, c INT NOT NULL, CONSTRAINT chain CHECK (a < b AND b < c),
 start_at DATETIME NOT NULL, end_at DATETIME NULL, CONSTRAINT se CHECK (end_at > start_at),
 low DECIMAL(8,2) NOT NULL, high DECIMAL(8,2) NOT NULL, CHECK (low <= high), CHECK (high - low <= 100),
 net DECIMAL(10,2) NOT NULL, tax DECIMAL(10,2) NOT NULL, gross DECIMAL(10,2) NOT NULL, CONSTRAINT sums CHECK (gross = net + tax), CHECK (net > 0), CHECK (tax >= 0),
 kind ENUM('card','cash','bank') NOT NULL, iban VARCHAR(34), card VARCHAR(20), CONSTRAINT disc CHECK (CASE kind WHEN 'card' THEN card IS NOT NULL AND iban IS NULL WHEN 'bank' THEN iban IS NOT NULL AND card IS NULL ELSE iban IS NULL AND card IS NULL END),
 paid_at DATETIME, paid_by VARCHAR(30), CONSTRAINT allnone CHECK ((paid_at IS NULL) = (paid_by IS NULL)),
 x INT, y INT, CONSTRAINT either CHECK ((x IS NOT NULL) + (y IS NOT NULL) = 1),
 email VARCHAR(80) NOT NULL CHECK (email LIKE '%_@_%.__%'), up VARCHAR(10) NOT NULL CHECK (up = upper(up)), nz INT NOT NULL CHECK (nz <> 0), m5 INT NOT NULL CHECK (m5 MOD 5 = 0), trimmed VARCHAR(20) NOT NULL CHECK (trim(trimmed) <> ''), 
 q INT NOT NULL, dsc INT NOT NULL, CONSTRAINT dis CHECK (q < 10 OR dsc > 5), wd VARCHAR(10) NOT NULL, CONSTRAINT wdc CHECK (state <> 'sent' OR wd <> 'none'),
 d DATE NOT NULL CHECK (d >= '2020-01-01' AND d < '2030-01-01'), hex CHAR(6) NOT NULL CHECK (hex RLIKE '^[0-9A-Fa-f]{6}$'), j JSON CHECK (json_type(j) = 'OBJECT'), dow TINYINT NOT NULL CHECK (dow IN (1,2,3,4,5,6,7)));
CREATE TABLE c2 (id INT AUTO_INCREMENT PRIMARY KEY, w INT NOT NULL, h INT NOT NULL, CHECK (w * h <= 10000), CHECK (w > 0), CHECK (h > 0), lat DECIMAL(9,6) CHECK (lat BETWEEN -90 AND 90), lon DECIMAL(9,6) CHECK (abs(lon) <= 180), CHECK ((lat IS NULL) = (lon IS NULL)),
 y YEAR NOT NULL CHECK (y >= 2000), bd DATE NOT NULL, dd DATE, CHECK (dd IS NULL OR dd >= bd), CHECK (datediff(dd, bd) < 40000), rating TINYINT UNSIGNED NOT NULL CHECK (rating <= 5), CHECK (coalesce(w,0) + coalesce(h,0) > 3), s VARCHAR(30), CHECK (s IS NULL OR length(s) >= 3), nn VARCHAR(30), CHECK (nn IS NOT NULL), CONSTRAINT g CHECK (greatest(w,h) <= 2000), CONSTRAINT r CHECK (round(w) = w));
