"""What calls of test frameworks do: make a locator, act on the page, expect something of it.

By the names of the methods, over all frameworks at once (Playwright, Selenium, SeleniumBase, Cypress, WebdriverIO,
Puppeteer, Testing Library): where two mean different things by one name, the number and kind of the arguments tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from understudy.sources.cases.code.values import LONGEST_LOOP, Closure, Run, Unknown, Waiting, shown
from understudy.sources.cases.locators import Locator
from understudy.sources.code.tree import Call, Name
from understudy.sources.vocabulary import words

MAKERS = {
    "locator": "css",
    "$": "css",
    "$$": "css",
    "querySelector": "css",
    "waitForSelector": "css",
    "wait_for_selector": "css",
    "query_selector": "css",
    "findElementByCssSelector": "css",
    "find_element_by_css_selector": "css",
    "findElementById": "id",
    "find_element_by_id": "id",
    "find_element_by_name": "name",
    "find_element_by_xpath": "xpath",
    "getByLabel": "label",
    "get_by_label": "label",
    "getByLabelText": "label",
    "findByLabelText": "label",
    "getByPlaceholder": "placeholder",
    "get_by_placeholder": "placeholder",
    "getByPlaceholderText": "placeholder",
    "findByPlaceholderText": "placeholder",
    "getByText": "text",
    "get_by_text": "text",
    "findByText": "text",
    "getByTestId": "test",
    "get_by_test_id": "test",
    "findByTestId": "test",
    "getByTitle": "title",
    "get_by_title": "title",
    "getByAltText": "text",
    "contains": "text",
    "containsText": "text",
    "xpath": "xpath",
    "cssSelector": "css",
    "css": "css",
    "id": "id",
    "name": "name",
    "linkText": "link",
    "partialLinkText": "link",
    "className": "class",
    "tagName": "tag",
}
BY = {
    "id": "id",
    "name": "name",
    "xpath": "xpath",
    "css_selector": "css",
    "css": "css",
    "link_text": "link",
    "partial_link_text": "link",
    "class_name": "class",
    "tag_name": "tag",
}
DRIVERS = words(
    "driver browser page webDriver webdriver navigate self sb wd Chrome Firefox Edge Safari Remote ChromeDriver "
    "FirefoxDriver EdgeDriver SafariDriver RemoteWebDriver WebDriverManager"
)
BUILT = re.compile(
    r"\s*(?:await\s+)?new\s+(?:\w+\.)?(?:Builder|\w*Driver)\b|.*\b(?:get|create|make|new)_?\w*Driver\(|.*start_async\("
)
"""How drivers are made."""
SHORT = ("id", "name", "css", "xpath", "className", "tagName")
"""Methods of this name make locators only where ``By`` has them."""
ROLES = ("getByRole", "get_by_role", "findByRole")
SAME = words(
    "first last nth filter and or locator_ eq parent children closest within focus clear blur scrollIntoView "
    "scrollIntoViewIfNeeded scroll_into_view_if_needed "
    "hover trigger then_ should_ as its_ wait waitFor wait_for highlight shadow root next prev siblings not_ "
    "findElements get_ until presenceOfElementLocated "
    "visibilityOfElementLocated elementToBeClickable presence_of_element_located visibility_of_element_locate"
    "d element_to_be_clickable until_not until isDisplayed is_displayed isVisible "
    "is_visible getText get_text text_content textContent innerText inner_text getAttribute get_attribute inputValue "
    "input_value allTextContents"
)
"""Methods that answer the same element, or one of those it stands for."""
FILLS = words(
    "fill type sendKeys send_keys pressSequentially press_sequentially setValue set_value clearAndType update"
    "_text input typeText type_text addValue "
    "enter_mfa_code enter_totp_code fillIn "
    "enterText enter_text write add_text set_text clear_and_type slow_type js_type js_update_text send"
    " set_value_and_blur"
)
CHOICES = words(
    "selectOption select_option select selectByVisibleText select_by_visible_text selectByValue select_by_val"
    "ue selectByIndex select_by_index "
    "select_option_by_text select_option_by_value select_option_by_index selectByText choose_option selectByAttribute"
)
TICKS = words("check uncheck setChecked set_checked check_if_unchecked uncheck_if_checked")
PRESSES = words(
    "click dblclick tap submit press doubleClick double_click rightclick rightClick context_click slow_click "
    "js_click click_link click_link_text "
    "click_if_visible click_partial_link_text pressKey press_keys"
)
UPLOADS = words("setInputFiles set_input_files attachFile selectFile choose_file upload_file uploadFile setFiles")
VISITS = words("goto visit open get_url go_to navigate navigateTo navigate_to get_page open_url goTo")
REQUESTS = words("request post put patch delete fetch")
EXPECTS = re.compile(
    r"^(?:to[A-Z]\w*|to_\w+|not_to_\w+|assert\w*|verify\w*|is[A-Z]\w*To|have[A-Z]\w*|wait_for_(?:text|exact_text|element)\w*|find_text|assertThat|textToBe\w+|text_to_be\w+|attributeContains|attributeToBe|(?:title|url)(?:Is|Contains|ToBe|_is|_contains|_to_be)|contain\w*|include\w*|equal\w*|eql?|exist\w*)$"
)
KEYS = re.compile(
    r"\{(?:enter|esc|tab|backspace|del|selectall|(?:up|down|left|right)arrow|ctrl|alt|shift|meta|home|end|movetoend)\}",
    re.IGNORECASE,
)
RAISES = words("raises assertRaises assertRaisesRegex assertThrows assertThrowsExactly assertThatThrownBy expectThrows")
"""Calls that want what is done inside them to fail."""
RAISED = "an error is raised"
GATHERED = words("Stream Arguments List Set Arrays Array Collections ImmutableList Lists Iterable")
"""What makes a list of what it is given, by ``of``, ``asList``, ``from``."""
TOLD_LATER = words(
    "then each forEach map step spread within wrap tap finally catch intercept describe section allure poll"
)


def told(run: Run, e: Call, name: str, owner: Any, given: Sequence[Any], named: Mapping[str, Any]) -> Any:
    """What a call of something unknown does and answers."""
    locator = owner if isinstance(owner, Locator) else None
    made = _made(name, owner, given, named)
    if made is not None:
        return made
    if isinstance(owner, Waiting) or name in ("expect", "assertThat", "expect_soft") or _says(name, given):
        return _expected(run, e, name, owner, given)
    acted = _acted(run, e, name, locator, owner, given)
    if acted:
        return locator if locator is not None else Unknown(e.text)
    if name in RAISES:
        for argument in given:
            if isinstance(argument, Closure):
                _later(run, argument, name, owner, given)
                run.note("expect", e, None, (RAISED,))
        return Unknown(e.text)
    if EXPECTS.match(name):
        values = [v for v in given if isinstance(v, str | int | float) and not isinstance(v, bool)]
        denied = bool(re.search(r"(?:^|_)not(?:_|[A-Z])|Not[A-Z]|False|absent|Absent", name))
        target = next((v for v in given if isinstance(v, Locator)), locator)
        run.note("expect", e, target, values, denied)
        return locator if locator is not None else Unknown(e.text)
    for argument in (*given, *named.values()):
        if isinstance(argument, Closure):
            _later(run, argument, name, owner, given)
    if isinstance(owner, str | list | dict) or owner is None:
        return _plain(name, owner, given)
    if name in ("of", "asList", "arguments") and (_is(owner, *GATHERED) or name == "arguments"):
        return list(given)
    if locator is not None and (name in SAME or name in TOLD_LATER):
        return locator
    if isinstance(owner, Unknown) and owner.text.rsplit(".", 1)[-1] in ("test", "describe") and name == "step":
        return None
    inner = next((v for v in given if isinstance(v, Locator)), None)
    return (
        inner if inner is not None and name in SAME | {"Select", "WebDriverWait"} else Unknown(_words(e, owner, name))
    )


def _says(name: str, given: Sequence[Any]) -> bool:
    """Whether this is an assertion of Cypress: ``should('have.text', 'x')``, ``and('be.visible')``."""
    return name == "should" or (name == "and" and bool(given) and isinstance(given[0], str))


def _words(e: Call, owner: Any, name: str) -> str:
    return e.text if not isinstance(owner, Unknown) else e.text[:120] or name


def _later(run: Run, closure: Any, name: str, owner: Any, given: Sequence[Any]) -> None:
    """A function given to somebody else is run once, or once per element of a known list."""
    parameters = closure.function.parameters
    if isinstance(owner, list) and name in ("forEach", "map", "each", "filter", "some", "every"):
        for item in owner[:LONGEST_LOOP]:
            run.call(closure, [item, *(Unknown(n) for n, _ in parameters[1:])], {})
        return
    first = owner if isinstance(owner, Locator) and name in ("then", "each", "within") else None
    values = [Unknown(n) if not n.startswith("{") else run.fixture(n) for n, _ in parameters]
    if first is not None and values:
        values[0] = first
    run.call(closure, values, {})


def _made(name: str, owner: Any, given: Sequence[Any], named: Mapping[str, Any]) -> Locator | None:
    """The locator that a call makes."""
    first = given[0] if given else named.get("selector") or named.get("by")
    if name in ("focused", "activeElement", "active_element"):
        return Locator("css", ":focus")
    if name in ROLES:
        options = next((g for g in given if isinstance(g, dict)), dict(named))
        said = options.get("name")
        role = str(first) if isinstance(first, str) else ""
        return Locator("role", _text(said)) if said is not None else Locator("css", f"[role={role}]")
    if name in (
        "findElement",
        "find_element",
        "findElements",
        "find_elements",
        "element",
        "find",
        "get",
        "query_selector_all",
        "locator",
    ):
        if isinstance(first, Locator):
            return first
        if (
            isinstance(first, str)
            and len(given) >= 2
            and first.lower().replace(" ", "_") in BY
            and name.startswith("find")
        ):
            return Locator(BY[first.lower().replace(" ", "_")], _text(given[1]))
        if (
            len(given) >= 2
            and name.startswith("find")
            and (how := BY.get(_text(first).strip("{}").rsplit(".", 1)[-1].lower()))
        ):
            return Locator(how, _text(given[1]))
    if name == "get":
        if _is(owner, "cy") or isinstance(owner, Locator):
            text = _text(first)
            return None if text.startswith("@") else Locator(_form(text), text)
        return None
    if name in ("find", "element"):
        return (
            Locator(_form(_text(first)), _text(first))
            if isinstance(owner, Locator) or _is(owner, "cy", "page", "driver")
            else None
        )
    kind = MAKERS.get(name)
    if kind is None or first is None:
        return None
    if name in SHORT and not _is(owner, "By", "MobileBy", "AppiumBy", "by", "cy"):
        return None
    if name == "contains":
        if not (_is(owner, "cy") or isinstance(owner, Locator)):
            return None
        return Locator("text", _text(given[-1] if len(given) > 1 and isinstance(given[-1], str) else first))
    if isinstance(first, Locator):
        return first
    text = _text(first)
    return Locator(_form(text) if kind == "css" else kind, text)


def _is(owner: Any, *names: str) -> bool:
    return (isinstance(owner, Unknown) and owner.text.split("(")[0].rsplit(".", 1)[-1] in names) or (
        isinstance(owner, Unknown) and owner.text.split(".")[0] in names
    )


def _form(text: str) -> str:
    """Which kind of selector a text is."""
    if text.startswith(("//", "(//", "xpath=", "./", "..")):
        return "xpath"
    if text.startswith(("text=", "link=", "partial_link=")):
        return "text"
    if text.startswith(("name=", "id=")):
        return text.split("=", maxsplit=1)[0]
    return "css"


def _text(value: Any) -> str:
    return "{" + value.text + "}" if isinstance(value, Unknown) else shown(value)


def _selector(value: Any) -> Locator | None:
    """A locator, or a text that is one."""
    if isinstance(value, Locator):
        return value
    if isinstance(value, str) and value:
        form = _form(value)
        return Locator(form, value.split("=", 1)[1] if form in ("name", "id", "text") and "=" in value else value)
    return None


def _acted(run: Run, e: Call, name: str, locator: Locator | None, owner: Any, given: Sequence[Any]) -> bool:
    """Note what is done to the page; False where nothing is."""
    given = [g for g in given if not isinstance(g, dict | Closure)]
    if name in VISITS or (name in ("get", "to") and _drives(owner) and given):
        if isinstance(e.function, Name):  # Python's own open, a helper called visit that nobody gave us
            return False
        if given and locator is None:
            run.note("visit", e, _text(given[0]), ())
        return bool(given) or name in VISITS
    if name in FILLS:
        return _filled(run, e, locator, given)
    if name in CHOICES:
        target, values = _aimed(locator, given)
        if target is not None and values:
            run.note("choose", e, target, _flat(values))
        return target is not None
    if name in TICKS:
        target, _ = _aimed(locator, given, values=False)
        if target is not None:
            run.note("tick", e, target, ("false" if name.startswith("un") else "true",))
        return target is not None
    if name in UPLOADS:
        target, values = _aimed(locator, given)
        run.note("upload", e, target, _flat(values))
        return True
    if name in PRESSES:
        target, _ = _aimed(locator, given, values=False)
        if target is None and name in ("press", "click"):
            return False
        run.note("press", e, target, ())
        return True
    if name == "invoke" and locator is not None and given[:1] == ["val"] and len(given) > 1:
        run.note("fill", e, locator, given[1:])
        return True
    if name in REQUESTS and (_is(owner, "cy", "request", "requests", "axios", "api", "http") or name == "request"):
        run.note("request", e, None, [_text(g) for g in given if isinstance(g, str)])
        return True
    return False


def _drives(owner: Any) -> bool:
    """Whether something is a browser."""
    return _is(owner, *DRIVERS) or (isinstance(owner, Unknown) and BUILT.match(owner.text) is not None)


def _filled(run: Run, e: Call, locator: Locator | None, given: Sequence[Any]) -> bool:
    target, values = _aimed(locator, given)
    if target is None or not values:
        return False
    values = [v for v in values if not (isinstance(v, Unknown) and re.search(r"\bKeys?\.", v.text))]
    if not values:
        return True
    cleaned = [KEYS.sub("", v) if isinstance(v, str) else v for v in values[:1]]
    ends = isinstance(cleaned[0], str) and cleaned[0].endswith("\n")
    run.note("fill", e, target, [v.rstrip("\n") if isinstance(v, str) else v for v in cleaned])
    if ends:
        run.note("press", e, target, ())
    return True


def _aimed(locator: Locator | None, given: Sequence[Any], values: bool = True) -> tuple[Locator | None, list[Any]]:
    """What is acted on and with which values: a locator's own method, or one of the page with a selector first."""
    if locator is not None:
        return locator, list(given)
    if given and (len(given) > 1 or not values):
        return _selector(given[0]), list(given[1:])
    return None, list(given)


def _flat(values: Sequence[Any]) -> list[Any]:
    return [v for value in values for v in (value if isinstance(value, list) else [value])]


def _expected(run: Run, e: Call, name: str, owner: Any, given: Sequence[Any]) -> Any:
    """``expect(x)`` waits for what is said of it; ``.toX(y)`` and ``.should('x', y)`` say it."""
    for argument in given:
        if isinstance(argument, Closure):
            _later(run, argument, name, owner, given)
    if name in ("expect", "assertThat", "expect_soft") and not isinstance(owner, Waiting):
        about = given[0] if given else Unknown("")
        return Waiting(about, _text(about))
    plain = [v for v in given if isinstance(v, str | int | float) and not isinstance(v, bool)]
    if name == "should" or name == "and":
        said = str(plain[0]) if plain else ""
        run.note("expect", e, owner if isinstance(owner, Locator) else None, plain[1:], said.startswith("not."))
        return owner
    assert isinstance(owner, Waiting)
    if name in ("to", "be", "have", "that", "is_", "soft", "poll"):
        return owner
    denied = owner.denied or name.startswith("not_") or "isNot" in name or "doesNot" in name
    values = _flat([v for v in given if isinstance(v, str | int | float | list) and not isinstance(v, bool)])
    run.note(
        "expect",
        e,
        owner.about if isinstance(owner.about, Locator) else None,
        [v for v in values if isinstance(v, str | int | float)],
        denied,
    )
    return owner


def _plain(name: str, owner: Any, given: Sequence[Any]) -> Any:
    """What texts and lists answer, as far as test data are made with it."""
    if isinstance(owner, str):
        match name:
            case "toString" | "trim" | "strip":
                return owner.strip()
            case "toLowerCase" | "lower":
                return owner.lower()
            case "toUpperCase" | "upper":
                return owner.upper()
            case "replace" if len(given) > 1 and isinstance(given[0], str) and isinstance(given[1], str):
                return owner.replace(given[0], given[1])
            case "repeat" if given and isinstance(given[0], int):
                return owner * min(given[0], 1000)
            case "concat" if all(isinstance(g, str) for g in given):
                return owner + "".join(given)
            case "split":
                return owner.split(given[0]) if given and isinstance(given[0], str) and given[0] else [owner]
            case "join" if given and isinstance(given[0], list):
                return owner.join(str(g) for g in given[0])
    if isinstance(owner, list) and name in ("join",):
        return (given[0] if given and isinstance(given[0], str) else ",").join(str(v) for v in owner)
    return Unknown(name)
