"""Test code of four frameworks in four languages, helpers followed."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cases.material import kinds, one, read, samples, touched

from understudy.model.evidence import FacetKind
from understudy.sources.cases.locators import Locator, field_of

EXPECTED = [("username", ("ann",)), ("password", ("s3cret",))]

PLAYWRIGHT_TS = {
    "pages/LoginPage.ts": """import { Page, Locator } from '@playwright/test';
export class LoginPage extends BasePage {
  readonly user: Locator;
  private readonly password = this.page.locator('[name=password]');
  constructor(readonly page: Page) { super(page); this.user = page.getByLabel('Username'); }
  private get go() { return this.page.getByRole('button', { name: 'Log in' }) }
  async login(name: string, secret = 's3cret') {
    await this.page.goto('/login'); await this.user.fill(name); await this.password.fill(secret); await this.go.click();
  }
}""",
    "fixtures.ts": """import { test as base } from '@playwright/test';
export const test = base.extend({ loginPage: async ({ page }, use) => { await use(new LoginPage(page)); } });""",
    "login.spec.ts": """import { test } from './fixtures';
const users = { ann: { name: 'ann' } };
test.describe('Login', () => {
  test('logs in', async ({ loginPage, page }) => {
    await loginPage.login(users.ann.name);
    await expect(page.getByText('Welcome')).toBeVisible();
  });
});""",
}
PLAYWRIGHT_PY = {
    "pages.py": """class LoginPage:
    USER = "#username"
    def __init__(self, page):
        self.page = page
        self.password = page.get_by_placeholder("Password")
    def login(self, name, secret):
        self.page.goto("/login")
        self.page.fill(self.USER, name)
        self.password.fill(secret)
        self.page.get_by_role("button", name="Log in").click()
""",
    "conftest.py": "import pytest\n@pytest.fixture\ndef login_page(page):\n    yield LoginPage(page)\n",
    "test_login.py": """from playwright.sync_api import expect
def test_logs_in(login_page, page):
    login_page.login(name="ann", secret="s3cret")
    expect(page.locator("h1")).to_have_text("Welcome")
""",
}
SELENIUM_PY = {
    "test_login.py": """from selenium.webdriver.common.by import By
class TestLogin:
    def setup_method(self):
        self.driver = webdriver.Chrome()
        self.driver.get("https://example.org/login")
    def test_logs_in(self):
        self.driver.find_element(By.ID, "username").send_keys("ann")
        self.driver.find_element(By.NAME, "password").send_keys("s3cret", Keys.RETURN)
        self.driver.find_element(By.CSS_SELECTOR, "button").click()
        assert "Welcome" in self.driver.page_source
"""
}
SELENIUM_JAVA = {
    "LoginPage.java": """public class LoginPage {
  @FindBy(id = "username") private WebElement user;
  private final By password = By.name("password");
  public LoginPage(WebDriver driver) { this.driver = driver; PageFactory.initElements(driver, this); }
  public void login(String name, String secret) {
    user.sendKeys(name); driver.findElement(password).sendKeys(secret);
    driver.findElement(By.cssSelector("button")).click();
  }
}""",
    "LoginTest.java": """class LoginTest {
  static final String SECRET = "s3" + "cret";
  @BeforeEach void open() { driver.get("https://example.org/login"); }
  @Test void logsIn() { new LoginPage(driver).login("ann", SECRET);
    assertThat(driver.getTitle()).isEqualTo("Welcome"); }
}""",
}
CYPRESS = {
    "support/commands.js": """Cypress.Commands.add('sel', (id) => cy.get(`[data-test=${id}]`));
Cypress.Commands.add('login', (name, secret) => {
  cy.visit('/login'); cy.sel('username').type(name); cy.sel('password').type(secret + '{enter}');
  cy.get('button').click();
});""",
    "login.cy.js": """describe('Login', () => {
  it('logs in', () => { cy.login('ann', 's3cret'); cy.get('h1').should('contain', 'Welcome'); });
});""",
}


@pytest.mark.parametrize("files", [PLAYWRIGHT_TS, PLAYWRIGHT_PY, SELENIUM_PY, SELENIUM_JAVA, CYPRESS])
def test_the_same_log_in_is_read_from_every_framework(tmp_path: Path, files: dict[str, str]) -> None:
    fragment = one(tmp_path, files)
    assert kinds(fragment.steps) == ["visit", "fill", "fill", "press", "expect"]
    assert touched(fragment) == EXPECTED
    assert {s.entity for s in fragment.steps if s.field} == {"user"}
    assert not fragment.negative


def test_a_value_that_comes_again_ties_two_steps(tmp_path: Path) -> None:
    code = """test('adds', async ({page}) => { await page.fill('#title', 'Buy milk'); await page.click('text=Add');
      await expect(page.locator('li')).toHaveText('Buy milk'); });"""
    assert one(tmp_path, {"todo.spec.ts": code}).steps[-1].uses == (0,)


def test_values_of_a_negative_test_are_marked_and_right_ones_stay_right(tmp_path: Path) -> None:
    code = """const enter = (mail) => { cy.get('#email').type(mail); cy.get('button').click() };
      describe('sign up', () => {
        it('accepts an address', () => { enter('ann@example.org'); cy.contains('Welcome') });
        it('shows an error for an invalid address', () => { enter('nope');
          cy.contains('Invalid address').should('be.visible') });
      });"""
    evidence = read(tmp_path, {"signup.cy.ts": code})
    assert [f.negative for f in evidence.fragments] == [False, True]
    assert samples(evidence, "email") == {False: ("ann@example.org",), True: ("nope",)}


def test_tables_of_test_data_are_walked(tmp_path: Path) -> None:
    python = """import pytest
@pytest.mark.parametrize("size,count", [("S", 1), ("M", 2)])
def test_order(page, size, count):
    page.select_option("#size", size)
    page.fill("#count", str(count))
"""
    typescript = """for (const size of ['L']) {
      test(`orders ${size}`, async ({page}) => { await page.selectOption('#size', size) }) }"""
    evidence = read(tmp_path, {"test_order.py": python, "order.spec.ts": typescript})
    assert samples(evidence, "size")[False] == ("L", "S", "M")
    assert evidence.fragments[0].name == "orders L"


def test_a_branch_that_is_known_not_to_be_taken_is_not(tmp_path: Path) -> None:
    code = """const f = (p, kind) => { if (kind === 'a') { p.fill('#a', '1') } else { p.fill('#b', '2') } };
      test('x', async ({page}) => { f(page, 'b') });"""
    assert touched(one(tmp_path, {"x.spec.ts": code})) == [("b", ("2",))]


def test_a_box_is_a_truth_and_a_choice_is_one_of_several(tmp_path: Path) -> None:
    code = """test('x', async ({page}) => { await page.getByLabel('Newsletter').check();
      await page.getByLabel('Size').selectOption('S'); await page.getByLabel('Size').selectOption('M'); });"""
    evidence = read(tmp_path, {"x.spec.ts": code})
    told = {(c.field, c.facet): c.value for c in evidence.claims}
    assert told["newsletter", FacetKind.TYPE].kind.value == "boolean"
    assert told["size", FacetKind.ENUM].values == ("S", "M")
    assert told["size", FacetKind.ENUM].open


def test_code_that_does_not_parse_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    code = "test('a', async ({page}) => { await page.fill('#a', '1') });\nconst x = = ;\n"
    evidence = read(tmp_path, {"x.spec.ts": code})
    assert touched(evidence.fragments[0]) == [("a", ("1",))]
    assert any("does not parse" in c.value.text for c in evidence.claims if c.facet is FacetKind.REMARK)


def test_helpers_that_call_each_other_forever_end(tmp_path: Path) -> None:
    code = """const a = (p) => { p.fill('#x', '1'); b(p) }; const b = (p) => { a(p); a(p) };
      test('x', async ({page}) => { a(page) });"""
    assert len(one(tmp_path, {"x.spec.ts": code}).steps) < 400


@pytest.mark.parametrize(
    ("locator", "name"),
    [
        (Locator("css", "#firstName"), "firstName"),
        (Locator("css", "input[name='user[email]']"), "email"),
        (Locator("css", '[data-test="signup-first-name"]'), "signup_first_name"),
        (Locator("xpath", "//input[@id='zip']"), "zip"),
        (Locator("xpath", "//label[text()='Postal code']/../input"), "postal_code"),
        (Locator("label", "Your e-mail *"), "e_mail"),
        (Locator("placeholder", "name@example.org"), "email"),
        (Locator("css", "input[type=password]"), "password"),
        (Locator("css", "form > div", "cityInput"), "city"),
        (Locator("css", ".btn-primary"), None),
        (Locator("css", "#submit-button"), None),
        (Locator("text", "Save"), None),
    ],
)
def test_a_locator_names_its_field_or_nothing(locator: Locator, name: str | None) -> None:
    found = field_of(locator)
    assert (found.name if found else None) == name


JS_TEST = "test('a', async ({page}) => { await page.goto('/x'); await page.fill('#email', 'ann'); });\n"
PY_TEST = "def test_a(page):\n    page.goto('/x')\n    page.fill('#email', 'ann')\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("chain.spec.js", JS_TEST + "x" + ".b()" * 3000 + ";"),
        ("lists.spec.ts", "const a = " + "[" * 3000 + "]" * 3000 + ";\n" + JS_TEST),
        ("sum.spec.js", "const s = " + "+".join(["'a'"] * 3000) + ";\n" + JS_TEST),
        ("test_deep.py", "x = " + "(" * 2000 + "1" + ")" * 2000 + "\n" + PY_TEST),
    ],
)
def test_what_is_nested_without_end_is_told_and_the_rest_is_read(tmp_path: Path, name: str, text: str) -> None:
    evidence = read(tmp_path, {name: text})
    assert [touched(f) for f in evidence.fragments] == [[("email", ("ann",))]]
    assert any("nested too deeply" in str(c.value) for c in evidence.claims if c.facet is FacetKind.REMARK)


def test_loops_within_loops_end(tmp_path: Path) -> None:
    rows = "const r = [1,2,3,4,5,6,7,8,9,10,11,12];\n"
    loops = "".join(f"for (const v{i} of r) {{ " for i in range(9))
    script = f"{rows}test('a', async ({{page}}) => {{ await page.fill('#email', 'ann'); {loops} x; {'}' * 9} }});"
    evidence = read(tmp_path, {"a.spec.js": script})
    assert [touched(f) for f in evidence.fragments] == [[("email", ("ann",))]]


def test_classes_of_one_name_in_two_files_stay_apart(tmp_path: Path) -> None:
    def java(field: str, value: str) -> str:
        return (
            f'class LoginTest {{ By box = By.id("{field}"); '
            f'@Test void t() {{ driver.findElement(box).sendKeys("{value}"); }} }}'
        )

    evidence = read(tmp_path, {"a/LoginTest.java": java("email", "ann"), "b/LoginTest.java": java("phone", "12")})
    assert [touched(f) for f in evidence.fragments] == [[("email", ("ann",))], [("phone", ("12",))]]
