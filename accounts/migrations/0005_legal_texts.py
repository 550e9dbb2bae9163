"""The texts that people agree to, first version; and once published, no text changes or goes: a trigger sees to it.

A person may also put off an answer to new terms, which is kept like the others.
"""

from datetime import UTC, datetime

from django.db import migrations, models

VERSION = "2026-11-01"

TEXTS = {
    "data_processing": {
        "pl": """\
Wyrażam zgodę na przetwarzanie moich danych osobowych przez {company}, {address}, w celu rejestracji moich urządzeń, \
obsługi moich zleceń i realizacji gwarancji. Mogę przeglądać i poprawiać swoje dane oraz w każdej chwili wycofać tę \
zgodę, pisząc na adres {email}; wycofanie zgody nie wpływa na to, co zrobiono wcześniej.""",
        "cs": """\
Souhlasím s tím, aby správce {company}, {address}, zpracovával moje osobní údaje za účelem evidence mých zařízení, \
vyřizování mých zakázek a plnění záruky. Své údaje si mohu prohlédnout a opravit a tento souhlas mohu kdykoli odvolat \
zprávou na {email}. Odvolání nemá vliv na to, co bylo provedeno dříve.""",
        "en": """\
I agree that {company}, {address}, processes my personal data to register my devices, handle my orders and carry out \
the warranty. I can see and correct my data, and withdraw this consent at any time by writing to {email}; withdrawing \
does not affect what was done before.""",
    },
    "terms": {
        "pl": """\
1. Portal {name} prowadzi {company}, {address}. Można się z nami skontaktować pod adresem {email}.

2. Portal jest przeznaczony dla osób i firm, które mają pompę ciepła, oraz dla naszych partnerów serwisowych. Można \
w nim rejestrować urządzenia, zamawiać serwis i śledzić zlecenia, przechowywać dokumenty oraz sprawdzać gwarancję \
i terminy przeglądów. Korzystanie z portalu jest bezpłatne.

3. Do korzystania z portalu potrzebna jest przeglądarka internetowa i adres e-mail. Przy rejestracji należy podać \
prawdziwe dane i informować nas o ich zmianach. Kto rejestruje firmę lub wspólnotę, musi być uprawniony do działania \
w jej imieniu.

4. Konto jest osobiste. Hasła nie wolno nikomu udostępniać, a jeśli mógł je poznać ktoś inny, prosimy od razu nas \
o tym powiadomić. Aby ktoś inny mógł działać w imieniu klienta, należy go zaprosić; otrzyma własne konto.

5. Nie wolno przesyłać treści bezprawnych, treści szkodzących działaniu portalu ani dokumentów i zdjęć innych osób \
bez ich zgody.

6. Portal działa przez całą dobę. Możemy go na krótko wyłączyć w celu naprawy lub ulepszenia; jeśli to możliwe, \
uprzedzimy o tym.

7. Zlecenie złożone w portalu wiąże obie strony na zasadach określonych w przepisach prawa. Cena usługi i zakres \
gwarancji wynikają ze zlecenia i z warunków gwarancji, a nie z tego regulaminu.

8. Reklamacje dotyczące działania portalu prosimy wysyłać na adres {email}. Odpowiadamy w ciągu 14 dni. Konsumenci \
mogą też zwrócić się o pomoc do rzecznika konsumentów lub do Inspekcji Handlowej.

9. Z konta można w każdej chwili zrezygnować, prosząc o usunięcie danych. Konto, którego używa się niezgodnie \
z regulaminem, możemy zamknąć po wcześniejszym upomnieniu.

10. Jeśli zmienimy regulamin, pokażemy nową wersję przy następnym logowaniu. Do czasu jej zaakceptowania obowiązuje \
wersja dotychczasowa.""",
        "cs": """\
1. Portál {name} provozuje {company}, {address}. Můžete nám napsat na {email}.

2. Portál je určen lidem a firmám, které mají tepelné čerpadlo, a našim servisním partnerům. Můžete v něm \
registrovat zařízení, objednávat servis a sledovat zakázky, uchovávat doklady a zjistit, co platí o záruce \
a prohlídkách. Používání portálu je bezplatné.

3. K používání portálu potřebujete internetový prohlížeč a e-mailovou adresu. Při registraci uveďte pravdivé údaje \
a jejich změny nám oznamte. Kdo registruje firmu nebo společenství, musí být oprávněn za ně jednat.

4. Účet je osobní. Heslo nikomu nesdělujte, a pokud by ho mohl znát někdo jiný, dejte nám to hned vědět. Má-li za \
zákazníka jednat i další osoba, pozvěte ji; dostane vlastní účet.

5. Neposílejte nic protiprávního, nic, co by portálu škodilo, ani doklady a fotografie jiných lidí bez jejich \
souhlasu.

6. Portál je v provozu nepřetržitě. Kvůli opravě nebo vylepšení ho můžeme na krátkou dobu zastavit; pokud to půjde, \
předem vás upozorníme.

7. Zakázka zadaná v portálu zavazuje obě strany podle platných předpisů. Cena služby a rozsah záruky vyplývají ze \
zakázky a ze záručních podmínek, nikoli z těchto podmínek.

8. Pokud něco nefunguje, napište na {email}. Odpovíme do 14 dnů. Spotřebitelé se mohou obrátit také na Českou \
obchodní inspekci.

9. Účet můžete kdykoli zrušit tím, že požádáte o výmaz údajů. Účet, který se používá v rozporu s těmito podmínkami, \
můžeme po předchozím upozornění zrušit.

10. Pokud podmínky změníme, ukážeme vám nové znění při příštím přihlášení. Dokud s ním nesouhlasíte, platí pro vás \
znění dosavadní.""",
        "en": """\
1. {company}, {address}, runs the portal {name}. You reach us at {email}.

2. The portal is for people and companies that have a heat pump, and for our service partners. In it you can register \
devices, order service and follow the orders, keep papers, and look up the warranty and the inspections. Using the \
portal costs nothing.

3. To use the portal you need a web browser and an e-mail address. Register with true data and tell us when they \
change. Whoever registers a company or an association must be allowed to act for it.

4. An account belongs to one person. Share your password with nobody, and tell us at once if somebody else may know \
it. If somebody else is to act for the customer, invite that person, who then gets an account of their own.

5. Do not send anything unlawful, anything that harms the portal, or papers and photos of other people without their \
consent.

6. The portal runs day and night. We may stop it for a short time to repair or improve it; where we can, we tell you \
beforehand.

7. An order placed in the portal binds both sides as the law says. What a service costs and what the warranty covers \
stands in the order and in the terms of the warranty, not in these terms.

8. If something does not work, write to {email}. We answer within 14 days. Consumers may also turn to the consumer \
advice offices and to the trade inspection authority.

9. You may give up your account at any time by asking us to erase your data. We may close an account that is used \
against these terms, after a warning.

10. If we change these terms, we show you the new ones when you next sign in. Until you accept them, the earlier ones \
apply to you.""",
    },
    "marketing": {
        "pl": "Sprzeciwiam się wykorzystywaniu moich danych przez {company} do celów marketingowych oraz przekazywaniu "
        "ich w tym celu innym administratorom.",
        "cs": "Nesouhlasím s tím, aby {company} používala moje údaje k marketingovým účelům nebo je k tomuto účelu "
        "předávala jiným správcům.",
        "en": "I object to {company} using my data for marketing, and to handing them to other controllers for it.",
    },
    "e_documents": {
        "pl": "Zgadzam się na otrzymywanie od {company} dokumentów, takich jak faktury, protokoły i pisma, pocztą "
        "elektroniczną lub w portalu zamiast na papierze. Zgodę mogę w każdej chwili wycofać; kolejne dokumenty "
        "otrzymam wtedy na papierze.",
        "cs": "Souhlasím s tím, aby mi {company} posílala doklady, například faktury, protokoly a dopisy, e-mailem "
        "nebo přes portál místo na papíře. Souhlas mohu kdykoli odvolat; další doklady pak dostanu na papíře.",
        "en": "I agree that {company} sends me documents such as invoices, protocols and letters by e-mail or through "
        "the portal instead of on paper. I can withdraw this consent at any time; later documents then come on paper.",
    },
    "sms": {
        "pl": "Zgadzam się na otrzymywanie od {company} SMS-ów o moich zleceniach i o odpowiedziach biura. Zgodę mogę "
        "w każdej chwili wycofać; e-maile będą przychodzić tak jak dotąd.",
        "cs": "Souhlasím s tím, aby mi {company} posílala SMS o mých zakázkách a o odpovědích kanceláře. Souhlas mohu "
        "kdykoli odvolat; e-maily budou chodit dál.",
        "en": "I agree that {company} sends me SMS about my orders and about answers of the office. I can withdraw "
        "this consent at any time; the e-mails come all the same.",
    },
}

FORWARD = """
CREATE FUNCTION accounts_published_text_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION 'a published legal text cannot be changed';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER accounts_published_text_is_final BEFORE UPDATE OR DELETE ON accounts_legaltext
    FOR EACH ROW EXECUTE FUNCTION accounts_published_text_is_final();
"""
BACKWARD = """
DROP TRIGGER accounts_published_text_is_final ON accounts_legaltext;
DROP FUNCTION accounts_published_text_is_final();
"""


def ship(apps, schema_editor):
    texts = apps.get_model("accounts", "LegalText").objects
    published = datetime(2026, 11, 1, tzinfo=UTC)
    for kind, words in TEXTS.items():
        columns = {f"text_{language}": text for language, text in words.items()}
        texts.get_or_create(kind=kind, version=VERSION, defaults={"published_at": published, **columns})


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_customer_numbers")]

    operations = [
        migrations.AlterField(
            "consent",
            "act",
            models.CharField(
                choices=[
                    ("given", "agreed"),
                    ("withdrawn", "agreement withdrawn"),
                    ("objected", "objected"),
                    ("later", "not now"),
                ],
                default="given",
                max_length=10,
                verbose_name="answer",
            ),
        ),
        migrations.RunPython(ship, migrations.RunPython.noop),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
