# language: en
Feature: Tickets about assets

  Rule: a ticket has a subject and a priority

    Scenario: Raising a ticket about a laptop
      Given the asset "LAP-00017" is held by "m.okafor"
      And I am logged in as "m.okafor"
      When I fill in the ticket form
        | Subject       | Fan is very loud        |
        | What happened | It started on Monday.   |
        | Priority      | 2 - high                |
      And I click "Create ticket"
      Then I should see "Ticket created"
      And the ticket's state is "open"

    Scenario: A subject that says nothing
      When I fill in "Subject" with "Hi"
      And I click "Create ticket"
      Then I see an error message "Subject is too short"

  Scenario Outline: Agents move tickets on
    Given a ticket in state "<from>"
    When the agent changes the state to "<to>"
    Then the ticket's state is "<to>"

    Examples:
      | from    | to      |
      | open    | waiting |
      | waiting | solved  |
      | solved  | closed  |
