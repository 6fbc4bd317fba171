"""What tests type to have it refused is no constraint and no good sample, however the test is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cases.material import read

from understudy.model.evidence import Samples
from understudy.model.flow import StepKind

FILLING = (StepKind.FILL, StepKind.CHOOSE, StepKind.GIVEN)
CASES: dict[str, tuple[dict[str, str], list[str], list[str]]] = {
    "pw title": (
        {
            "a.spec.ts": (
                'import { test, expect } from "@playwright/test";\n'
                "test('rejects a malformed email', async ({page}) => { await page.goto('/signup'); awa"
                "it page.getByLabel('Email').fill('BAD'); await page.getByRole('button',{name:'Go'}).c"
                "lick(); await expect(page).toHaveURL('/signup'); });"
            ),
        },
        ["BAD"],
        [],
    ),
    "pw error expected": (
        {
            "a.spec.ts": (
                'import { test, expect } from "@playwright/test";\n'
                "test('sign up', async ({page}) => { await page.getByLabel('Email').fill('BAD'); await"
                " page.click('#go'); await expect(page.getByText('Email is not valid')).toBeVisible();"
                " await page.getByLabel('Email').fill('GOOD'); await page.click('#go'); await expect(p"
                "age.getByText('Welcome')).toBeVisible(); });"
            ),
        },
        ["BAD"],
        ["GOOD"],
    ),
    "pw loop table mixed": (
        {
            "a.spec.ts": (
                'import { test, expect } from "@playwright/test";\n'
                "const rows=[{email:'GOOD',valid:true},{email:'BAD',valid:false}];\n"
                "for (const row of rows) { test(`email ${row.email}`, async ({page}) => { await page.g"
                "etByLabel('Email').fill(row.email); await page.click('#go'); if (row.valid) { await e"
                "xpect(page.getByText('Welcome')).toBeVisible(); } else { await expect(page.getByText("
                "'Invalid email')).toBeVisible(); } }); }"
            ),
        },
        ["BAD"],
        ["GOOD"],
    ),
    "pw loop invalid emails": (
        {
            "a.spec.ts": (
                'import { test, expect } from "@playwright/test";\n'
                "const invalidEmails=['BAD','BAD2'];\n"
                "for (const e of invalidEmails) { test(`email ${e}`, async ({page}) => { await page.ge"
                "tByLabel('Email').fill(e); await page.click('#go'); await expect(page.locator('#email"
                ":invalid')).toBeVisible(); }); }"
            ),
        },
        ["BAD", "BAD2"],
        [],
    ),
    "pw forEach destructured": (
        {
            "a.spec.ts": (
                'import { test, expect } from "@playwright/test";\n'
                "[{ value: 'BAD', message: 'Password too short' }].forEach(({ value, message }) => { t"
                "est(`password ${value}`, async ({page}) => { await page.fill('#password', value); awa"
                "it page.click('#go'); await expect(page.locator('.msg')).toHaveText(message); }); });"
            ),
        },
        ["BAD"],
        [],
    ),
    "pw page object other file": (
        {
            "pages/login.ts": (
                "export class LoginPage { constructor(page) { this.page = page; this.email = page.getB"
                "yLabel('Email'); this.error = page.locator('.error-message'); } async submit(v) { awa"
                "it this.email.fill(v); await this.page.click('#go'); } async expectError() { await ex"
                "pect(this.error).toBeVisible(); } }"
            ),
            "a.spec.ts": (
                'import { test, expect } from "@playwright/test";\n'
                "import {LoginPage} from './pages/login';\n"
                "test('shows it', async ({page}) => { const p = new LoginPage(page); await p.submit('B"
                "AD'); await p.expectError(); });"
            ),
        },
        ["BAD"],
        [],
    ),
    "pw fixture+const": (
        {
            "data.ts": ("export const WRONG = { email: 'BAD' };"),
            "fixtures.ts": (
                "import { test as base } from '@playwright/test'; export const test = base.extend({ fo"
                "rm: async ({page}, use) => { await page.goto('/x'); await use({ page }); } });"
            ),
            "a.spec.ts": (
                "import {test} from './fixtures'; import {WRONG} from './data';\n"
                "test('cannot sign in', async ({form, page}) => { await page.fill('#email', WRONG.emai"
                "l); await page.click('#go'); });"
            ),
        },
        ["BAD"],
        [],
    ),
    "pw describe negative": (
        {
            "a.spec.ts": (
                'import { test, expect } from "@playwright/test";\n'
                "test.describe('Negative tests', () => { test('first one', async ({page}) => { await p"
                "age.fill('#email', 'BAD'); await page.click('#go'); }); });"
            ),
        },
        ["BAD"],
        [],
    ),
    "pw toBeDisabled": (
        {
            "a.spec.ts": (
                'import { test, expect } from "@playwright/test";\n'
                "test('button', async ({page}) => { await page.fill('#email', 'BAD'); await expect(pag"
                "e.getByRole('button',{name:'Save'})).toBeDisabled(); });"
            ),
        },
        ["BAD"],
        [],
    ),
    "pw aria-invalid": (
        {
            "a.spec.ts": (
                'import { test, expect } from "@playwright/test";\n'
                "test('mark', async ({page}) => { await page.fill('#email', 'BAD'); await expect(page."
                "locator('#email')).toHaveAttribute('aria-invalid','true'); });"
            ),
        },
        ["BAD"],
        [],
    ),
    "cy error": (
        {
            "a.cy.js": (
                "describe('form', () => { it('x', () => { cy.visit('/'); cy.get('#email').type('BAD');"
                " cy.get('#go').click(); cy.get('.invalid-feedback').should('be.visible'); }); });"
            ),
        },
        ["BAD"],
        [],
    ),
    "cy contains": (
        {
            "a.cy.js": (
                "describe('form', () => { it('x', () => { cy.get('#email').type('BAD'); cy.contains('m"
                "ust be a valid').should('exist'); cy.get('#email').clear().type('GOOD'); cy.contains("
                "'must be a valid').should('not.exist'); }); });"
            ),
        },
        ["BAD"],
        ["GOOD"],
    ),
    "cy command const": (
        {
            "support/commands.js": (
                "Cypress.Commands.add('login', (u) => { cy.get('#username').type(u); cy.get('#go').click(); });"
            ),
            "a.cy.js": (
                "import {BAD_USER} from './c'; describe('login', () => { it('is denied for unknown use"
                "rs', () => { cy.login(BAD_USER); }); });"
            ),
            "c.js": ("export const BAD_USER='BAD';"),
        },
        ["BAD"],
        [],
    ),
    "cy forEach titles": (
        {
            "a.cy.js": (
                "describe('f', () => { ['BAD'].forEach((v) => { it(`does not accept ${v}`, () => { cy."
                "get('#age').type(v); }); }); });"
            ),
        },
        ["BAD"],
        [],
    ),
    "jest each template": (
        {
            "a.test.js": (
                "describe('login', () => { test.each([['BAD','Invalid name'],['GOOD','']])('name %s', "
                "async (name, error) => { await driver.findElement(By.id('name')).sendKeys(name); awai"
                "t driver.findElement(By.id('go')).click(); if (error) { expect(await driver.findEleme"
                "nt(By.id('e')).getText()).toBe(error); } }); });"
            ),
        },
        ["BAD"],
        ["GOOD"],
    ),
    "jest each tagged": (
        {
            "a.test.js": (
                "describe('login', () => { it.each`\n"
                " name | error\n"
                " ${'BAD'} | ${'Invalid name'}\n"
                "`('name $name', async ({name, error}) => { await driver.findElement(By.id('name')).se"
                "ndKeys(name); expect(await driver.findElement(By.id('e')).getText()).toBe(error); });"
                " });"
            ),
        },
        ["BAD"],
        [],
    ),
    "jest each invalid title": (
        {
            "a.test.js": (
                "test.each(['BAD'])('rejects %s', async (name) => { await driver.findElement(By.id('na"
                "me')).sendKeys(name); });"
            ),
        },
        ["BAD"],
        [],
    ),
    "py parametrize": (
        {
            "test_a.py": (
                "import pytest\n"
                '@pytest.mark.parametrize("email,valid", [("GOOD", True), ("BAD", False)])\n'
                "def test_email(driver, email, valid):\n"
                '    driver.find_element(By.ID, "email").send_keys(email)\n'
                '    driver.find_element(By.ID, "go").click()\n'
                "    if valid:\n"
                '        assert "Welcome" in driver.page_source\n'
                "    else:\n"
                '        assert "Invalid email" in driver.page_source\n'
            ),
        },
        ["BAD"],
        ["GOOD"],
    ),
    "py parametrize const ids": (
        {
            "test_a.py": (
                "import pytest\n"
                'INVALID = ["BAD", "BAD2"]\n'
                '@pytest.mark.parametrize("email", INVALID)\n'
                "def test_email(page, email):\n"
                '    page.get_by_label("Email").fill(email)\n'
                '    page.get_by_role("button", name="Go").click()\n'
                '    expect(page.locator(".error")).to_be_visible()\n'
            ),
        },
        ["BAD", "BAD2"],
        [],
    ),
    "py pytest.param ids": (
        {
            "test_a.py": (
                "import pytest\n"
                '@pytest.mark.parametrize("email, message", [pytest.param("BAD", "Enter a valid email"'
                ', id="no-at")])\n'
                "def test_email(page, email, message):\n"
                '    page.get_by_label("Email").fill(email)\n'
                '    expect(page.locator(".msg")).to_have_text(message)\n'
            ),
        },
        ["BAD"],
        [],
    ),
    "py raises": (
        {
            "test_a.py": (
                "import pytest\n"
                "def test_login(page):\n"
                "    with pytest.raises(LoginError):\n"
                '        page.fill("#email", "BAD")\n'
                '        page.click("#go")\n'
            ),
        },
        ["BAD"],
        [],
    ),
    "py page object": (
        {
            "pages.py": (
                "class LoginPage:\n"
                "    def __init__(self, d): self.d = d\n"
                "    def login(self, u):\n"
                '        self.d.find_element(By.ID, "user_name").send_keys(u)\n'
                '        self.d.find_element(By.ID, "go").click()\n'
                '    def error(self): return self.d.find_element(By.CSS_SELECTOR, ".alert-danger").tex'
                "t\n"
            ),
            "test_a.py": (
                "from pages import LoginPage\n"
                "class TestLogin:\n"
                "    def test_locked(self, driver):\n"
                "        p = LoginPage(driver)\n"
                '        p.login("BAD")\n'
                '        assert p.error() == "Sorry, this user has been locked out."\n'
            ),
        },
        ["BAD"],
        [],
    ),
    "py unittest title": (
        {
            "test_a.py": (
                "class A(unittest.TestCase):\n"
                "    def test_login_with_incorrect_password(self):\n"
                '        self.driver.find_element(By.ID, "password").send_keys("BAD")\n'
            ),
        },
        ["BAD"],
        [],
    ),
    "java csv": (
        {
            "ATest.java": (
                'class ATest { @ParameterizedTest @CsvSource({"GOOD, true", "BAD, false"}) void email('
                'String email, boolean valid) { driver.findElement(By.id("email")).sendKeys(email); dr'
                'iver.findElement(By.id("go")).click(); if (valid) { assertTrue(page.contains("Welcome'
                '")); } else { assertEquals("Invalid email", driver.findElement(By.id("e")).getText())'
                "; } } }"
            ),
        },
        ["BAD"],
        ["GOOD"],
    ),
    "java method source": (
        {
            "ATest.java": (
                'class ATest { static Stream<Arguments> rows() { return Stream.of(Arguments.of("BAD", '
                '"Email is invalid"), Arguments.of("BAD2", "Email is required")); }\n'
                ' @ParameterizedTest @MethodSource("rows") void email(String email, String message) { '
                'driver.findElement(By.id("email")).sendKeys(email); assertEquals(message, driver.find'
                'Element(By.id("e")).getText()); } }'
            ),
        },
        ["BAD", "BAD2"],
        [],
    ),
    "java testng provider": (
        {
            "ATest.java": (
                'public class ATest { @DataProvider(name = "logins") public Object[][] logins() { retu'
                'rn new Object[][] { {"GOOD", true}, {"BAD", false} }; }\n'
                ' @Test(dataProvider = "logins") public void login(String user, boolean ok) { driver.f'
                'indElement(By.id("username")).sendKeys(user); driver.findElement(By.id("go")).click()'
                '; if (ok) { Assert.assertTrue(driver.getTitle().contains("Home")); } else { Assert.as'
                'sertTrue(driver.findElement(By.id("error")).isDisplayed()); } } }'
            ),
        },
        ["BAD"],
        ["GOOD"],
    ),
    "java value source invalid": (
        {
            "ATest.java": (
                'class ATest { @ParameterizedTest @ValueSource(strings = {"BAD", "BAD2"}) void rejects'
                'Email(String email) { driver.findElement(By.id("email")).sendKeys(email); } }'
            ),
        },
        ["BAD", "BAD2"],
        [],
    ),
    "java assertThrows": (
        {
            "ATest.java": (
                "class ATest { @Test void age() { assertThrows(IllegalArgumentException.class, () -> {"
                ' driver.findElement(By.id("age")).sendKeys("BAD"); driver.findElement(By.id("go")).cl'
                "ick(); }); } }"
            ),
        },
        ["BAD"],
        [],
    ),
    "gh outline row": (
        {
            "a.feature": (
                "Feature: Sign up\n"
                "  Scenario Outline: email\n"
                '    When I fill in "Email" with "<email>"\n'
                '    And I press "Go"\n'
                '    Then I should see "<message>"\n'
                "    Examples:\n"
                "      | email | message |\n"
                "      | GOOD | Welcome |\n"
                "      | BAD | Email is invalid |\n"
            ),
        },
        ["BAD"],
        ["GOOD"],
    ),
    "gh outline examples named": (
        {
            "a.feature": (
                "Feature: Sign up\n"
                "  Scenario Outline: email\n"
                '    When I fill in "Email" with "<email>"\n'
                '    Then the result is "<code>"\n'
                "    Examples: valid\n"
                "      | email | code |\n"
                "      | GOOD | 1 |\n"
                "    Examples: invalid\n"
                "      | email | code |\n"
                "      | BAD | 2 |\n"
            ),
        },
        ["BAD"],
        ["GOOD"],
    ),
    "gh outline valid column": (
        {
            "a.feature": (
                "Feature: Sign up\n"
                "  Scenario Outline: email\n"
                '    When I fill in "Email" with "<email>"\n'
                '    Then it is "<valid>"\n'
                "    Examples:\n"
                "      | email | valid |\n"
                "      | GOOD | yes |\n"
                "      | BAD | no |\n"
            ),
        },
        ["BAD"],
        ["GOOD"],
    ),
    "gh invalid value words": (
        {
            "a.feature": (
                "Feature: Sign up\n"
                "  Scenario: email\n"
                '    When I enter an invalid email "BAD"\n'
                '    And I press "Go"\n'
                "    Then I stay on the page\n"
            ),
        },
        ["BAD"],
        [],
    ),
    "gh german": (
        {
            "a.feature": (
                "# language: de\n"
                "Funktionalität: Anmeldung\n"
                "  Szenario: Ungültige E-Mail\n"
                '    Wenn ich "E-Mail" mit "BAD" ausfülle\n'
                '    Dann sehe ich "E-Mail ist ungültig"\n'
            ),
        },
        ["BAD"],
        [],
    ),
    "manual md": (
        {
            "t.md": (
                "# Test case 1: Login with wrong password\n"
                "## Steps\n"
                '1. Enter "BAD" in the password field\n'
                '2. Click "Login"\n'
                "## Expected\n"
                "Error message is shown\n"
            ),
        },
        ["BAD"],
        [],
    ),
    "manual csv type": (
        {
            "t.csv": (
                "ID,Title,Steps,Test Data,Expected Result\n"
                'TC1,Register,1. Fill the form,email: BAD,The form shows "Please enter a valid email"\n'
                "TC2,Register ok,1. Fill the form,email: GOOD,User is registered\n"
            ),
        },
        ["BAD"],
        ["GOOD"],
    ),
}
"""Name → files, values that are wrong on purpose, values that are not."""


@pytest.mark.parametrize("name", CASES)
def test_what_is_typed_to_be_refused_is_marked_so(tmp_path: Path, name: str) -> None:
    files, bad, good = CASES[name]
    evidence = read(tmp_path, files)
    steps = [s for f in evidence.fragments for s in f.steps if s.kind in FILLING]
    samples = [c.value for c in evidence.claims if isinstance(c.value, Samples)]
    taken = {str(v) for s in samples if not s.invalid for v in s.values}
    assert {v for s in steps if s.invalid for v in s.values} >= set(bad)
    assert not {v for s in steps if not s.invalid for v in s.values} & set(bad)
    assert not taken & set(bad)
    assert taken >= set(good)
