"""What the words and printed lines of synthesized pages say."""

from __future__ import annotations

import re
import string
from functools import cache
from pydoc_data import topics

import numpy as np

_FORM_WORDS = """
    Name Date Total Marks Obtained Course Theory Lab Maths Science English Urdu Physics Roll Number Class Section
    Signature Examiner Student School Grade Subject Result Pass Fail Amount Price Quantity Item Order Invoice Account
    Bank Branch Cheque Pay Rupees Only Address City Street Phone Mobile Email Code Zip Country Birth Place Sex Age
    Weight Height Length Width Depth Time Hour Minute Day Month Year Week Monday Tuesday Wednesday Thursday Friday
    Saturday Sunday January February March April May June July August September October November December Spring
    Summer Autumn Winter First Second Third Left Right Open Close Start Stop Speed Power Energy Mass Force Volt
    Meter Reading Gas Water Electric Room Floor Table Chair Box Bag Milk Bread Butter Eggs Cheese Rice Sugar Salt
    Tea Coffee Apple Banana Tomato Potato Onion Carrot List Note Notes Todo Call Buy Send Ask Write Read Check Done
    Unterschrift Datum Betrag Summe Anzahl Gewicht Strasse Ort Kunde Rechnung Seite Lösung Aufgabe Übung Klasse
    Nom Prénom Adresse Ville Montant Numéro Signature Exercice Réponse Nombre Nota Fecha Firma Nombre Apellido
    Cantidad Precio Total Ditulis Dengan Huruf Angka Tanggal Nama Alamat Jumlah Nilai Kelas Paraf Namn Datum Summa
    hello world test digit number sample example handwriting recognition neural network image paper pencil pen
    answer question solve find value equation add minus plus times divide equals therefore hence because since
    let given proof show graph axis point line circle area volume angle degree sum mean median mode ratio percent
""".split()  # noqa: SIM905

_LABELS = (
    "Name:", "Date:", "Total", "Marks Obtained", "Roll No.", "Class", "Section", "Signature of Examiner", "Sub Total",
    "Q. No.", "(ditulis dengan huruf)", "Grand Total in Words", "Account No.", "Amount", "Use block capitals",
    "Postal code", "Telephone", "For office use only", "Page", "Ref.", "Sheet", "Remarks", "Qty", "Unit price", "VAT",
    "Order No.", "Date of birth", "DD MM YYYY", "Street and number", "City", "Meter reading", "Day / night", "kWh",
    "Time in", "Time out", "Score", "Team A", "Team B", "Player", "Set", "Answer:", "Exercise", "Points", "of", "max.",
    "PIN", "Serial", "Lot", "Batch", "Weight (kg)", "Length (mm)", "Temp. °C", "pH", "Initials", "Checked by",
)  # fmt: skip


@cache
def _prose() -> tuple[str, ...]:
    """Words of Python's own documentation, which comes with every Python."""
    words = {word for text in topics.topics.values() for word in re.findall(r"\b[A-Za-z][a-z]{2,10}\b", text)}
    return tuple(sorted(words))


def random_word(random: np.random.Generator) -> str:
    """A word of at least two letters, in any case, now and then with a full stop or colon."""
    words = _FORM_WORDS if random.random() < 0.5 else _prose()
    word = words[int(random.integers(len(words)))]
    case = random.random()
    word = word.upper() if case < 0.15 else word.capitalize() if case < 0.4 else word.lower() if case < 0.85 else word
    end = random.random()
    return word + (":" if end < 0.06 else "." if end < 0.1 else "," if end < 0.12 else "")


def random_character(random: np.random.Generator) -> str:
    """A letter, capitals oftener, or a sign that is none of arithmetic."""
    letters = string.ascii_uppercase * 2 + string.ascii_lowercase + "?!&$@"
    return letters[int(random.integers(len(letters)))]


def random_printed(random: np.random.Generator) -> str:
    """A piece of print: a label, some words, a number, a date, a serial."""
    kind = random.random()
    if kind < 0.35:
        return _LABELS[int(random.integers(len(_LABELS)))]
    if kind < 0.57:
        return " ".join(random_word(random) for _ in range(int(random.integers(1, 5))))
    if kind < 0.8:
        return str(int(random.integers(1, 100)))
    if kind < 0.87:
        return f"{random.integers(1, 32)}.{random.integers(1, 13):02d}.{random.integers(1950, 2030)}"
    if kind < 0.95:
        return f"{random_word(random)} {random.integers(1, 1000)}"
    return "".join(str(d) for d in random.integers(0, 10, int(random.integers(4, 10))))
