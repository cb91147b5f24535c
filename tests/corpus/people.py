"""People who do not exist: names, contacts and numbers of many countries, from two independent generators, seeded."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

from faker import Faker
from mimesis import Generic
from mimesis.locales import Locale

SEED = 20260101
NAMES = ("full_name", "surname", "given_name")
CLASSES = (
    *NAMES,
    "email",
    "phone",
    "address",
    "national_id",
    "social_security",
    "iban",
    "passport",
    "birth_date_postcode",
)
FAKER = (
    "ar_SA bg_BG bn_BD cs_CZ da_DK de_DE de_AT el_GR en_GB en_IN en_US es_ES es_MX et_EE fa_IR fi_FI fr_FR he_IL hi_IN "
    "hr_HR hu_HU hy_AM id_ID it_IT ja_JP ka_GE ko_KR lt_LT lv_LV nl_NL no_NO pl_PL pt_BR pt_PT ro_RO ru_RU sk_SK sl_SI "
    "sv_SE th_TH tr_TR uk_UA vi_VN zh_CN zh_TW"
)
FAKER_LOCALES = tuple(FAKER.split())
MIMESIS = (
    "ar-eg az cs da de de-at de-ch el en en-au en-ca en-gb es es-mx et fa fi fr hr hu is it ja kk ko nl no pl pt pt-br "
    "ru sk sv tr uk zh"
)
MIMESIS_LOCALES = tuple(MIMESIS.split())
BANKS = {"DE": (0, 18), "GB": (4, 14), "NL": (4, 10), "FR": (0, 23), "ES": (0, 20), "NO": (0, 11), "IE": (4, 14)}


@dataclass(frozen=True, slots=True)
class People:
    """One class of values, as one generator makes it for one country."""

    generator: str
    locale: str
    kind: str

    def values(self, count: int) -> list[str]:
        make = _faker(self.locale) if self.generator == "faker" else _mimesis(self.locale)
        made = make[self.kind]
        return [_whole(made) for _ in range(count)]


def everybody(kind: str) -> Iterator[People]:
    """The class in every locale of both generators."""
    for locale in FAKER_LOCALES:
        yield People("faker", locale, kind)
    for locale in MIMESIS_LOCALES:
        yield People("mimesis", locale, kind)


def _whole(made: Callable[[], str]) -> str:
    """Of the generators' slips one is left out: an initial for a name, which nobody could tell from a code."""
    value = made()
    return value if len(value) > 1 or not value.isascii() else _whole(made)


@cache
def _faker(locale: str) -> dict[str, Callable[[], str]]:
    fake = Faker(locale)
    fake.seed_instance(f"{SEED} {locale}")
    return {
        "full_name": fake.name,
        "surname": fake.last_name,
        "given_name": fake.first_name,
        "email": fake.email,
        "phone": fake.phone_number,
        "address": fake.street_address,
        "national_id": fake.ssn,
        "social_security": lambda: fake.numerify("%##-%#-####"),
        "iban": fake.iban,
        "passport": fake.passport_number,
        "birth_date_postcode": lambda: f"{fake.date_of_birth(minimum_age=18, maximum_age=65)} {fake.postcode()}",
    }


@cache
def _mimesis(locale: str) -> dict[str, Callable[[], str]]:
    made = Generic(Locale(locale), seed=f"{SEED} {locale}")
    person, place = made.person, made.address
    draw = Random(f"{SEED} {locale}")
    return {
        "full_name": person.full_name,
        "surname": person.surname,
        "given_name": person.first_name,
        "email": person.email,
        "phone": person.phone_number,
        "address": place.address,
        "national_id": lambda: person.identifier(mask=draw.choice(["#########", "######-####", "@@######@"])),
        "social_security": lambda: person.identifier(mask="###-##-####"),
        "iban": lambda: _iban(draw),
        "passport": lambda: person.identifier(mask="@########"),
        "birth_date_postcode": lambda: f"{person.birthdate(1960, 2007):%d.%m.%Y} {place.postal_code()}",
    }


def _iban(draw: Random) -> str:
    """Valid to its check digits."""
    country, (letters, digits) = draw.choice(list(BANKS.items()))
    bank = "".join(draw.choices("ABCDEFGHJKLMNPRSTUVW", k=letters)) + "".join(draw.choices("0123456789", k=digits))
    number = int("".join(str(int(sign, 36)) for sign in f"{bank}{country}00"))
    return f"{country}{98 - number % 97:02}{bank}"


def nine_digits(generator: str, locale: str, count: int) -> list[str]:
    """Identity numbers of nine digits as a spreadsheet keeps them: a leading zero is lost."""
    if generator == "faker":
        numerify = Faker(locale)
        numerify.seed_instance(f"{SEED} nine {locale}")
        made = [numerify.numerify("#########") for _ in range(count)]
    else:
        person = Generic(Locale(locale), seed=f"{SEED} nine {locale}").person
        made = [person.identifier(mask="#########") for _ in range(count)]
    return [f"{int(each)}" for each in made]
