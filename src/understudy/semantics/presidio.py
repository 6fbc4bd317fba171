"""Presidio as a deeper recogniser of personal data in running text (extra ``pii``; Microsoft, MIT).

Its own recognisers run over what spaCy makes of a text; where a model of spaCy is installed, persons and places are
found by it as well. Nothing is ever downloaded: without a model, what has a form is found, and names are left to our
own lists.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from understudy.semantics.freetext import Found, is_running
from understudy.semantics.personal import Deeper

MEANINGS = {
    "PERSON": "person_name", "PHONE_NUMBER": "phone", "US_SSN": "ssn", "CREDIT_CARD": "card_number",
    "IBAN_CODE": "iban", "IP_ADDRESS": "ipv4", "LOCATION": "address", "NRP": "nationality",
    "US_PASSPORT": "passport_number", "US_DRIVER_LICENSE": "driver_license", "US_BANK_NUMBER": "account_number",
    "US_ITIN": "tax_number", "UK_NHS": "nhs_number", "UK_NINO": "national_id", "ES_NIF": "dni", "ES_NIE": "dni",
    "IT_FISCAL_CODE": "codice_fiscale", "IT_DRIVER_LICENSE": "driver_license", "IT_PASSPORT": "passport_number",
    "PL_PESEL": "pesel", "IN_AADHAAR": "aadhaar", "IN_PAN": "national_id", "AU_TFN": "tax_number",
    "MAC_ADDRESS": "mac_address",
}  # fmt: skip
"""Entities of Presidio as our types; others say nothing of a person (dates, links), or are ours already (addresses of
mail, for which Presidio asks the network)."""
MODELS = ("en_core_web_lg", "en_core_web_md", "en_core_web_sm")
LEAST = 0.5
"""Scores under which Presidio itself only guesses."""
MOST = 400
"""Texts of a column that are given to it: it takes milliseconds for each."""


def recogniser() -> Deeper:
    """A function from the texts of a column to what Presidio finds in them."""
    analyzer = _analyzer()

    def find(texts: Sequence[str]) -> Iterable[Found]:
        if not is_running(texts):
            return
        step = max(1, len(texts) // MOST)
        looked = texts[::step][:MOST]
        rows: dict[str, int] = {}
        best: dict[str, float] = {}
        for text in looked:
            hits = analyzer.analyze(text[:5000], language="en", entities=list(MEANINGS), score_threshold=LEAST)
            for meaning, score in {MEANINGS[h.entity_type]: h.score for h in hits}.items():
                rows[meaning] = rows.get(meaning, 0) + 1
                best[meaning] = max(best.get(meaning, 0.0), score)
        for meaning, count in rows.items():
            yield Found(meaning, count, len(looked), round(min(best[meaning], 0.97), 3), "Presidio")

    return find


def _analyzer() -> Any:
    """Presidio with every recogniser but the one for mail addresses, on a model of spaCy or on bare words."""
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)

    class Installed(SpacyNlpEngine):
        """The largest model that is installed, else spaCy's plain English."""

        def __init__(self) -> None:
            import spacy

            super().__init__()
            name = next((m for m in MODELS if spacy.util.is_package(m)), None)
            models: Any = {"en": spacy.load(name) if name else spacy.blank("en")}
            self.nlp = models

    engine = Installed()
    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=engine)
    registry.remove_recognizer("EmailRecognizer")
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
