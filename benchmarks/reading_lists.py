"""What a careful person lists in sampled pages and test cases of the corpora, written down by hand from their text.

Pages: ``field`` or ``field:fact``; facts are ``required``, ``type=K``, ``most=N`` and ``least=N`` (lengths), ``low=N``
and ``high=N``, ``one_of=N`` (choices), ``means=M`` and ``trap``.
Cases: ``field=value`` (typed or chosen), ``field`` (touched, value unknown), ``entity.field=value``.
"""

from __future__ import annotations

PAGES: dict[str, str] = {
    "html/adminlte-forms/examples/register.html": "full_name email email:means=email password flexCheckDefault",
    "html/duckduckgo-captured-forms-a/homedepot_signup.html": (
        "email email:most=1000 email:means=email password password:least=8 password:most=70 zipcode zipcode:most=5 "
        "phone phone:most=1000 kmsi_checkbox verify_phone_checkbox g-recaptcha-response:trap"
    ),
    "html/duckduckgo-captured-forms-a/yahoo_signup.html": (
        "firstName firstName:most=32 firstName:means=first_name lastName lastName:most=32 "
        "lastName:means=last_name email "
        "email:most=97 email:means=email password password:most=128 birth_date:type=date freeformGender"
    ),
    "html/juice-shop-angular-templates/complaint/complaint.component.html": "customer message file message:required",
    "html/juice-shop-angular-templates/recycle/recycle.component.html": (
        "requestor recycleQuantity recycleQuantity:type=number pickUpDate pickup pickup:type=boolean"
    ),
    "html/bonigarcia-practice-site/web-form.html": (
        "my_text my_password my_textarea my_disabled my_readonly my_select my_select:one_of=4 my_datalist "
        "my_datalist:one_of=5 my_file my_check my_radio my_colors my_date my_range my_range:low=0 my_range:high=10"
    ),
    "html/bonigarcia-practice-site/data-types.html": (
        "first_name last_name address zip_code city country e_mail e_mail:means=email phone job_position company"
    ),
    "html/mdn-forms/form-validation/full-example.html": (
        "driver driver:required driver:one_of=2 age age:low=12 age:high=120 age:type=integer fruit fruit:required "
        "fruit:one_of=6 email email:means=email msg msg:most=140"
    ),
    "systems/listmonk/ui-rendered/ListForm.html": (
        "name name:most=200 name:required type type:one_of=2 type:required optin optin:one_of=2 optin:required tags "
        "description description:most=2000 status status:type=boolean"
    ),
    "systems/realworld-conduit/ui-angular/features/settings/settings.component.html": (
        "image username bio email email:means=email password"
    ),
}

FEATURES: dict[str, str] = {
    "gherkin/diaspora/desktop/media-embed.feature": "user.username=Alice Smith;user.email=alice@alice.alice",
    "gherkin/diaspora/mobile/invitations.feature": "users.username=Alice Smith;"
    "users.email=alice@alice.alice;user_aspects=Family",
    "gherkin/sylius-shop/shop/cart/shopping_cart/adding_product_with_discounted_catalog_price_to_cart.feature": (
        "product.name=Mug;product.name=T-Shirt;product.price=$40.00;product.price=$20.00;"
        "catalog_promotion.name=Winter sale;"
        "promotion.name=Cheap Stuff"
    ),
    "gherkin/sylius-shop/shop/checkout/picking_up_the_cart_with_the_locale_other_than_the_default.feature": (
        "locale=English (United States);locales=English (United States);locales=French (France)"
    ),
    "gherkin/sylius-shop/shop/product/list/searching_products_by_name_within_specific_taxon.feature": (
        "product.name=44 Magnum;product.name=Glock 17;product.name=Magic stick;channel=United States;"
        "name=Magnum;name=Mag"
    ),
    "gherkin/sylius-shop/shop/promotion/applying_promotion_coupon/"
    "denying_usage_of_unexisting_promotion_coupon.feature": (
        "product.name=PHP T-Shirt;product.price=$100.00;promotion.name=Christmas sale;coupon=SANTA2016;discount=$10.00;"
        "code=SANTA2011"
    ),
}

PROGRAMS: dict[str, str] = {
    "cypress/realworld-app/cypress/tests/ui/auth.spec.ts": (
        "first_name=Bob;last_name=Ross;username=PainterJoy90;password=s3cret;confirmPassword=s3cret;"
        "bankName=The Best Bank;accountNumber=123456789;routingNumber=987654321"
    ),
    "cypress/juice-shop/test/cypress/e2e/complain.spec.ts": (
        "complaintMessage=XML all the way!;file=test/files/deprecatedTypeForServer.xml;"
        "complaintMessage=XXE File Exfiltration Windows!;complaintMessage=Zip Slip!;complaintMessage=YAML Bomb!"
    ),
    "cypress/juice-shop/test/cypress/e2e/contact.spec.ts": "userId=2;comment=Picard stinks!;rating",
    "systems/listmonk/tests-cypress/e2e/users.cy.js": (
        "email=super@domain;username=super;password=super123;password2=super123;name=first;name=second"
    ),
    "playwright/bagisto-ts/Shop/tests/e2e-pw/tests/auth.spec.ts": (
        "first_name=James;last_name=Smith;email;password=admin123;confirm_password=admin123"
    ),
    "selenium/seleniumbase-py/test_decryption.py": "user_name=standard_user;password",
    "selenium/seleniumbase-py/test_swag_labs.py": (
        "user_name=standard_user;password=secret_sauce;first_name=SeleniumBase;last_name=Rocks;postal_code=01720"
    ),
    "selenium/seleniumbase-py/test_coffee_cart.py": "name=Selenium Coffee;email=test@test.test",
    "selenium/bonigarcia-java/io/github/bonigarcia/webdriver/jupiter/ch03/keyboard/UploadFileJupiterTest.java": (
        "my_file"
    ),
    "selenium/bonigarcia-java/io/github/bonigarcia/webdriver/jupiter/ch04/dropdown/DataListJupiterTest.java": (
        "my_datalist"
    ),
}

MANUAL: dict[str, str] = {
    "manual/qa-internship-md/test-cases.md": "username;password;search=Laptop",
    "manual/qa-internship-md/bug-reports.md": "email_address=user@example.com;search=@#$%^&*",
}
