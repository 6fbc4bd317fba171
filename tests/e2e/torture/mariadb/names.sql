CREATE TABLE `order` (`key` INT AUTO_INCREMENT PRIMARY KEY, `group` VARCHAR(20) NOT NULL, `select` INT NULL CHECK (`select` > 3), `a``b` VARCHAR(10) NOT NULL, `with space` DATE NOT NULL, `naïve ünï` VARCHAR(20), `per%cent` INT, `quo"te` VARCHAR(5) NOT NULL DEFAULT 'x', `co:lon` INT, `que?st` INT, `ta\tb` INT);
CREATE TABLE `my table``s` (`key` INT NOT NULL, `日本` VARCHAR(20) NOT NULL, PRIMARY KEY (`key`), CONSTRAINT `fk ``x` FOREIGN KEY (`key`) REFERENCES `order` (`key`));
CREATE TABLE `aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg` (`aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg` INT AUTO_INCREMENT PRIMARY KEY, `aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggh` INT NOT NULL, CONSTRAINT xx FOREIGN KEY (`aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggh`) REFERENCES `my table``s`(`key`));
CREATE TABLE `Case` (Id INT AUTO_INCREMENT PRIMARY KEY, Name VARCHAR(20), `from` DATE, `to` DATE, CHECK (`from` <= `to`));
CREATE TABLE nokey (a INT, b VARCHAR(20), c DATE);
CREATE TABLE onlyauto (id INT AUTO_INCREMENT PRIMARY KEY);
CREATE TABLE my (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(20), t TEXT, FULLTEXT (t)) ENGINE=MyISAM;
CREATE TABLE ar (id INT, v VARCHAR(20)) ENGINE=Aria;
