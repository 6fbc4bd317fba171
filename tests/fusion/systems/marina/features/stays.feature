Feature: Stays

  Background:
    Given the skipper "Ove Lind" with the boat "Havfruen"

  Scenario: A boat asks for a place
    When the skipper asks for a stay with
      | arrival   | 2026-07-01 |
      | departure | 2026-07-05 |
      | crew      | 4          |
    Then the stay's state is "requested"

  Scenario: Nobody leaves before they arrive
    When the skipper asks for a stay with
      | arrival   | 2026-07-05 |
      | departure | 2026-07-01 |
      | crew      | 4          |
    Then I see an error message "Departure lies before arrival"

  Scenario Outline: The harbour master moves it on
    Given a stay in state "<from>"
    When the harbour master sets the state to "<to>"
    Then the stay's state is "<to>"

    Examples:
      | from      | to        |
      | requested | confirmed |
      | confirmed | here      |
      | here      | gone      |
