-- volunteers of a festival, the shifts they take (MariaDB)
CREATE TABLE areas (
  id INT AUTO_INCREMENT PRIMARY KEY,
  slug VARCHAR(30) NOT NULL UNIQUE,
  label VARCHAR(80) NOT NULL
);

CREATE TABLE helpers (
  id INT AUTO_INCREMENT PRIMARY KEY,
  given_name VARCHAR(50) NOT NULL,
  family_name VARCHAR(50) NOT NULL,
  email VARCHAR(120) NOT NULL UNIQUE,
  birthday DATE NOT NULL,
  shirt ENUM('S','M','L','XL') NOT NULL,
  vegetarian TINYINT(1) NOT NULL DEFAULT 0,
  secret_hash VARCHAR(255) NOT NULL,
  joined_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE shifts (
  id INT AUTO_INCREMENT PRIMARY KEY,
  area_id INT NOT NULL,
  title VARCHAR(100) NOT NULL,
  begins_at DATETIME NOT NULL,
  ends_at DATETIME NOT NULL,
  seats SMALLINT NOT NULL,
  CONSTRAINT shift_area FOREIGN KEY (area_id) REFERENCES areas (id),
  CONSTRAINT shift_order CHECK (ends_at > begins_at),
  CONSTRAINT shift_seats CHECK (seats BETWEEN 1 AND 200)
);

CREATE TABLE assignments (
  id INT AUTO_INCREMENT PRIMARY KEY,
  shift_id INT NOT NULL,
  helper_id INT NOT NULL,
  role VARCHAR(20) NOT NULL DEFAULT 'helper',
  checked_in TINYINT(1) NOT NULL DEFAULT 0,
  rating TINYINT NULL,
  UNIQUE KEY one_seat (shift_id, helper_id),
  CONSTRAINT assignment_shift FOREIGN KEY (shift_id) REFERENCES shifts (id) ON DELETE CASCADE,
  CONSTRAINT assignment_helper FOREIGN KEY (helper_id) REFERENCES helpers (id)
);

CREATE TABLE skills (
  id INT AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(40) NOT NULL UNIQUE
);

CREATE TABLE helper_skills (
  helper_id INT NOT NULL,
  skill_id INT NOT NULL,
  PRIMARY KEY (helper_id, skill_id),
  FOREIGN KEY (helper_id) REFERENCES helpers (id),
  FOREIGN KEY (skill_id) REFERENCES skills (id)
);
