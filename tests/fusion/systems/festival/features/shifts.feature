Feature: Shifts

  Scenario: A volunteer signs up
    Given I open the page "Help at the festival"
    When I fill in the form
      | First name | Noor              |
      | Last name  | de Wit            |
      | E-mail     | noor@example.org  |
      | Birthday   | 1999-03-14        |
      | T-shirt    | M                 |
    And I click "Apply"
    Then I see "Welcome, Noor"

  Scenario Outline: Roles on a shift
    Given a shift "Bar, Friday night" with 12 seats
    When a helper is assigned with role "<role>"
    Then the assignment's role is "<role>"

    Examples:
      | role   |
      | helper |
      | lead   |
      | driver |
