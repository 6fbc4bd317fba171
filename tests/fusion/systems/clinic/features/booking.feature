Feature: Booking an appointment

  Background:
    Given a patient with the following details
      | last name | first name | date of birth | email                  | insurance number |
      | Keller    | Ruth       | 1961-11-27    | ruth.keller@example.ch | K204118730       |
      | Aubry     | Noé        | 2004-02-14    | noe.aubry@example.ch   | A118204419       |

  Scenario: A patient books a check-up
    Given I am on the "Book an appointment" page
    When I choose "Check-up" from "Service"
    And I fill in "Reason" with "yearly check"
    And I press "Book"
    Then the appointment status should be "booked"

  Scenario Outline: The practice keeps the status
    Given an appointment with status "<before>"
    When the practice sets the appointment status to "<after>"
    Then the appointment status should be "<after>"

    Examples:
      | before    | after     |
      | booked    | confirmed |
      | booked    | cancelled |
      | confirmed | attended  |
      | confirmed | missed    |

  Scenario: A wrong insurance number is refused
    When I fill in "Insurance number" with "12-ABC"
    And I press "Register"
    Then I should see the error "A letter and nine digits"
