-- Horaires practice management, exported by the vendor's tool
SET NAMES utf8mb4;

CREATE TABLE `tblPractitioner` (
  `PractitionerID` int NOT NULL AUTO_INCREMENT,
  `strLastName` varchar(60) NOT NULL,
  `strFirstName` varchar(60) NOT NULL,
  `strLicenceNo` char(8) NOT NULL,
  `intRoom` smallint DEFAULT NULL,
  PRIMARY KEY (`PractitionerID`),
  UNIQUE KEY `ixLicence` (`strLicenceNo`)
) ENGINE=InnoDB;

CREATE TABLE `tblPatient` (
  `PatientID` int NOT NULL AUTO_INCREMENT,
  `strLastName` varchar(60) NOT NULL,
  `strFirstName` varchar(60) NOT NULL,
  `dtmBirth` date NOT NULL,
  `strSex` enum('F','M','X') DEFAULT NULL,
  `strMail` varchar(120) NOT NULL,
  `strMobile` varchar(24) DEFAULT NULL,
  `strStreet` varchar(80) DEFAULT NULL,
  `strZip` varchar(10) DEFAULT NULL,
  `strCity` varchar(60) DEFAULT NULL,
  `strInsuranceNo` varchar(12) DEFAULT NULL,
  `strPasswordHash` char(60) NOT NULL,
  `dtmCreated` datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (`PatientID`),
  UNIQUE KEY `ixMail` (`strMail`)
) ENGINE=InnoDB;

CREATE TABLE `tblService` (
  `ServiceID` int NOT NULL AUTO_INCREMENT,
  `strName` varchar(80) NOT NULL,
  `intMinutes` smallint NOT NULL,
  `curPrice` decimal(8,2) NOT NULL,
  PRIMARY KEY (`ServiceID`)
) ENGINE=InnoDB;

CREATE TABLE `tblAppointment` (
  `AppointmentID` int NOT NULL AUTO_INCREMENT,
  `PatientID` int NOT NULL,
  `PractitionerID` int NOT NULL,
  `ServiceID` int NOT NULL,
  `dtmStart` datetime NOT NULL,
  `strStatus` varchar(12) NOT NULL DEFAULT 'booked',
  `strReason` varchar(500) DEFAULT NULL,
  `curPaid` decimal(8,2) NOT NULL DEFAULT 0.00,
  PRIMARY KEY (`AppointmentID`),
  CONSTRAINT `fkPatient` FOREIGN KEY (`PatientID`) REFERENCES `tblPatient` (`PatientID`),
  CONSTRAINT `fkPractitioner` FOREIGN KEY (`PractitionerID`) REFERENCES `tblPractitioner` (`PractitionerID`),
  CONSTRAINT `fkService` FOREIGN KEY (`ServiceID`) REFERENCES `tblService` (`ServiceID`)
) ENGINE=InnoDB;

CREATE TABLE `tblPractitionerService` (
  `PractitionerID` int NOT NULL,
  `ServiceID` int NOT NULL,
  PRIMARY KEY (`PractitionerID`, `ServiceID`),
  CONSTRAINT `fkPSPractitioner` FOREIGN KEY (`PractitionerID`) REFERENCES `tblPractitioner` (`PractitionerID`),
  CONSTRAINT `fkPSService` FOREIGN KEY (`ServiceID`) REFERENCES `tblService` (`ServiceID`)
) ENGINE=InnoDB;
