"""PURE: headings that announce a name, contact, government number, account or birth date, in over 20 languages."""

import re
import unicodedata

HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
MARKS = re.compile(r"[\W\d_]+")
WORDS = (
    # English
    "email, e mail, emailaddress, phone, phonenumber, telephone, tel, mobile, cell phone, fax, ssn, social security, "
    "sin number, passport, iban, bank, account number, routing number, first name, firstname, last name, lastname, "
    "surname, forename, given name, family name, full name, fullname, maiden name, middle name, employee name, "
    "manager name, supervisor name, preferred name, legal name, initials, address, street, city of birth, birth, "
    "birthdate, birthday, dob, date of birth, national id, national insurance, tax id, taxpayer, identity card, "
    "driver license, driving licence, next of kin, emergency contact, "
    # German, Dutch
    "vorname, nachname, familienname, geburt*, zuname, anschrift, "
    "adresse, strasse, hausnummer, telefon*, handy, mobil, "
    "sozialversicherung*, svnr, steuer id, steuernummer, personalausweis, reisepass, kontonummer, "
    "naam, voornaam, achternaam, roepnaam, geboorte*, straat, adres, woonadres, telefoonnummer, mobiel, bsn, "
    "burgerservicenummer, paspoort, rekeningnummer, "
    # French, Italian, Romanian
    "nom, prenom, nom de famille, naissance, date de naissance, rue, courriel, telephone portable, portable, nir, "
    "numero de securite sociale, securite sociale, passeport, compte bancaire, "
    "cognome, nome, nominativo, nascita, data di nascita, "
    "indirizzo, telefono, cellulare, codice fiscale, passaporto, "
    "conto corrente, nume, prenume, nume de familie, nastere, data nasterii, adresa, strada, cnp, pasaport, "
    # Spanish, Portuguese, Catalan
    "nombre, apellido*, nacimiento, fecha de nacimiento, direccion, "
    "domicilio, calle, correo, correo electronico, movil, "
    "dni, nie, nif, curp, rfc, pasaporte, cuenta bancaria, seguridad social, cognom*, naixement, adreca, "
    "nome completo, sobrenome, apelido, nascimento, data de nascimento, "
    "endereco, morada, rua, telemovel, celular, cpf, "
    "nis, pis, passaporte, conta bancaria, "
    # Polish, Czech, Slovak, Croatian, Slovenian
    "imie, nazwisko, imie i nazwisko, urodzenia, data urodzenia, ulica, pesel, nip, paszport, rachunek, komorka, "
    "jmeno, prijmeni, narozeni, datum narozeni, bydliste, "
    "ulice, rodne cislo, cestovni pas, meno, priezvisko, narodenia, "
    "rodne cislo, ime, prezime, priimek, rodenja, rojstva, datum rodenja, naslov, oib, emso, putovnica, "
    # Swedish, Danish, Norwegian, Finnish, Icelandic
    "fornamn, efternamn, namn, fodelse*, gatuadress, adress, personnummer, epost, e post, pass nummer, "
    "fornavn, efternavn, etternavn, navn, fodsels*, gade, gate, cpr, cpr nummer, kontonummer, "
    "etunimi, sukunimi, nimi, syntyma*, osoite, katuosoite, "
    "puhelin*, sahkoposti, henkilotunnus, hetu, passi, tilinumero, "
    "nafn, kennitala, heimilisfang, simi, "
    # Hungarian, Estonian, Latvian, Lithuanian, Turkish
    "vezeteknev, keresztnev, csaladnev, nev, szuletes*, lakcim, cim, utca, adoszam, adoazonosito, taj szam, utlevel, "
    "bankszamla, eesnimi, perekonnanimi, sunni*, isikukood, aadress, vards, uzvards, dzims*, personas kods, vardas, "
    "pavarde, gimimo, asmens kodas, ad soyad, adi, soyad, soyadi, dogum*, e posta, eposta, tc kimlik, kimlik no, "
    # Indonesian, Malay, Vietnamese, Swahili
    "nama, nama lengkap, tanggal lahir, lahir, alamat, telepon, nik, ktp, npwp, paspor, tarikh lahir, "
    "ho ten, ho va ten, ngay sinh, dia chi, dien thoai, so dien thoai, cmnd, cccd, ho chieu, jina, anwani, simu, "
    # Russian, Ukrainian, Bulgarian, Serbian, Greek
    "имя, фамилия, отчество, фио, дата рождения, рождения, адрес, "
    "улица, телефон*, почта, эл почта, паспорт*, снилс, инн, "
    "ім я, прізвище, по батькові, народження, адреса, вулиця, іпн, име, фамилно, раждане, егн, презиме, рођења, "
    "ονομα, επωνυμο, ονοματεπωνυμο, γεννηση*, διευθυνση, οδος, τηλεφωνο, κινητο, αφμ, αμκα, διαβατηριο, "
    # Hebrew, Arabic, Persian, Hindi
    "שם, שם פרטי, שם משפחה, תאריך לידה, כתובת, רחוב, טלפון, דרכון, תעודת זהות, "
    "الاسم, اسم, اللقب, تاريخ الميلاد, الميلاد, العنوان, الشارع, الهاتف, هاتف, البريد, جواز السفر, رقم الهوية, "
    "نام, نام خانوادگی, تاریخ تولد, آدرس, نشانی, تلفن, ایمیل, کد ملی, "
    "नाम, उपनाम, जन्म तिथि, जन्मतिथि, पता, फोन, मोबाइल, ईमेल, आधार"
)
SIGNS = (
    # Chinese, Japanese, Korean, Thai: no spaces between words
    "姓名, 名字, 姓氏, 出生, 生日, 地址, 住址, 电话, 電話, 手机, 手機, 邮箱, 郵箱, "
    "身份证, 身分證, 护照, 護照, 银行账号, "
    "氏名, 名前, 苗字, 生年月日, 誕生日, 住所, 番地, 携帯, メール, マイナンバー, パスポート, 口座, フリガナ, ふりがな, "
    "성명, 이름, 성함, 생년월일, 주소, 전화, 휴대폰, 이메일, 주민등록, 여권, 계좌, "
    "ชื่อ, นามสกุล, วันเกิด, ที่อยู่, โทรศัพท์, อีเมล, บัตรประชาชน"
)


def folded(text: str) -> str:
    """Lower case without accents; whatever is no letter, and a hump of camelCase, is one space."""
    apart = unicodedata.normalize("NFKD", HUMP.sub(" ", text)).replace("ß", "ss").replace("ø", "o").replace("ł", "l")
    plain = "".join(sign for sign in apart if not unicodedata.combining(sign)).casefold()
    return MARKS.sub(" ", plain.replace("ı", "i").replace("đ", "d")).strip()


def _entries(text: str) -> tuple[str, ...]:
    """Each with a space before it, and one after it unless only its beginning is given."""
    return tuple(f" {folded(each)}" + ("" if each.endswith("*") else " ") for each in text.split(", "))


ENTRIES, SIGNS_OF_NAMES = _entries(WORDS), tuple(folded(each) for each in SIGNS.split(", "))


def personal_heading(heading: str) -> bool:
    """Whether a heading announces what may never be sent."""
    text = f" {folded(heading)} "
    return any(entry in text for entry in ENTRIES) or any(sign in text for sign in SIGNS_OF_NAMES)
