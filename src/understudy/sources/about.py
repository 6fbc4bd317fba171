"""What words speak of: the thing behind ``add-owner-form``, ``Create a new order``, ``/pets/7/edit``.

Readers of user interfaces and of test cases name entities by it, so that both come to the same name.
"""

from __future__ import annotations

import re

from understudy.sources.vocabulary import words

VERBS = words(
    "jupiter junit testng creation creating listing edition editing management deletion deleting managing base home "
    "add new create edit update save register registration submit send post put delete remove manage change set "
    "enter fill complete insert modify find search filter list view show get lookup start begin make request your "
    "my the a an our or and of for to in with please form page detail details data info information frm screen "
    "modal dialog section panel component index main default process action actions template view widget box "
    "container wrapper app apps do go step basic simple example examples sample demo test tests spec online here "
    "fragment fragments all spring servlet php aspx jsp html htm cgi api v1 v2 admin public id uuid confirm "
    "confirmation continue next quick forgot lost reset redeem result results flow flows pages case cases e2e ui "
    "cy should can could allow allows be able on at from is not no when then given it"
)
"""Words of ids, actions and headings that say what is done, not what it is done to."""
IDLE = words("changes form1 form2 now us me ok cancel back this what how welcome")
MEANT = (
    (
        re.compile(
            r"sign[\s_-]?(?:in|up|on)|log[\s_-]?(?:in|on)|register|registration|registrieren|anmelden|connexion|inscription|"
            r"password|passwort|account|profile|auth|2fa|two-?fa|\botp\b",
            re.IGNORECASE,
        ),
        "user",
    ),
    (re.compile(r"newsletter|subscri(?:be|ption)", re.IGNORECASE), "subscriber"),
    (re.compile(r"check[\s_-]?out", re.IGNORECASE), "order"),
    (re.compile(r"contact", re.IGNORECASE), "contact"),
    (re.compile(r"\bpay(?:ment)?\b|credit[\s_-]?card|billing", re.IGNORECASE), "payment"),
)
"""What something is about where only what is done is said."""
REGISTERED = re.compile(r"\bregister(?:\s+as)?\s+(?:a|an)\s+(?:new\s+)?([\w -]+)", re.IGNORECASE)
"""Where it is said what, or as what, one registers."""
LONGEST_NAME = 60


def meant(text: str) -> str:
    """The entity that an activity is about (signing in: a user; registering a vessel: the vessel); "" for others."""
    if (registered := REGISTERED.search(text)) and (told := thing(registered[1])):
        return told
    return next((entity for pattern, entity in MEANT if pattern.search(text)), "")


def thing(text: str) -> str:
    """The thing that words speak of, in snake case; "" where they only say what is done.

    >>> thing("add-owner-form"), thing("createOrUpdatePetForm"), thing("New subscriber"), thing("Save changes")
    ('owner', 'pet', 'subscriber', '')
    """
    told = [w for w in words_of(text) if w not in VERBS and w not in IDLE and not w.isdigit()]
    return "_".join(told)[:LONGEST_NAME] if 0 < len(told) <= 3 else ""


def words_of(text: str) -> list[str]:
    """The words of a name in lower case, whatever separates them.

    >>> words_of("createOrUpdatePetForm"), words_of("first-name2")
    (['create', 'or', 'update', 'pet', 'form'], ['first', 'name', '2'])
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return [w.lower() for w in re.findall(r"[^\W\d_]+?(?=[A-Z][a-z])|[A-Z]+(?![a-z])|[^\W\d_]+|\d+", spaced)]


def snake(text: str) -> str:
    """A text as a name in snake case."""
    return "_".join(words_of(text))[:LONGEST_NAME].strip("_")
