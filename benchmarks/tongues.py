"""Which language a text is in, told by its letters and its small words: for benchmarks and tests, sharing nothing with
what wrote it.

    tongue("Die Lieferung kam zu spät, leider.")  ─► "de"
"""

from __future__ import annotations

import re

SMALL = {
    "en": "the a an and of to in is it was for with on that this not be at have has from by as are but or we i "
    "you your my our after before every been will until so which than if please when does do can what",
    "de": "der die das und ist nicht ein eine einen mit für auf im den dem des zu von auch sich bei nach wird "
    "wie war ich wir sie es an als aus seit oder aber noch nur hat werden zum zur durch bis über ohne "
    "sehr mehr bitte ihr man am",
    "fr": "le la les un une des et est pas de du en pour que qui dans sur au aux avec ce cette son sa ses nous "
    "vous je il elle se ne plus mais ou par très c'est l'a d'un d'une déjà même été après avant sans bien "
    "où sont à y votre",
    "es": "el la los las un una y es no de del en para que por con se su sus lo al más muy pero como este esta "
    "ya nos está hay fue son mi sin hasta cuando todo desde también ha le les tras usted",
    "it": "il lo la gli le un una e è non di del della dei delle in per che con si su al alla più ma come "
    "questo questa ci sono ha mi anche da dal dalla nel nella senza dopo prima era i molto ai sul",
    "pt": "o a os as um uma e é não de do da dos das em no na nos nas para que com se por mais mas como este "
    "esta já foi são muito meu minha sem até quando tudo também ao à você ele ela ser está pelo pela",
    "nl": "de het een en is niet van in voor met op dat die te aan er ook zijn wordt bij naar uit maar om als "
    "was ik we u nog zo heeft werd kan door over na tot geen meer mijn zeer wel dit deze hun zich worden",
    "pl": "i w z na nie się do jest to że o za po od jak ale przez dla przy ze są był była bardzo już tylko tym "
    "co lub ma mnie bez oraz jeszcze został została po przed nad pod u gdy czy który która proszę",
    "tr": "ve bir bu için ile çok da de ne var yok gibi daha ama kadar olarak sonra her o en mi mı ben biz "
    "değil oldu olan ise göre önce şey hiç iyi tam bile beri lütfen ilgili",
}  # fmt: skip
WORDS = {language: frozenset(words.split()) for language, words in SMALL.items()}
LETTERS = {
    "de": "äßöü", "fr": "êèçùœàâîô", "es": "ñ¿¡óíúá", "it": "òìù", "pt": "ãõçâê", "pl": "ąćęłńśźż", "tr": "ğışçİ",
}  # fmt: skip


def tongue(text: str) -> str:
    """The language's code of two letters; empty where nothing tells."""
    if re.search("[ぁ-ヿ]", text):
        return "ja"
    if re.search("[一-鿿]", text):
        return "zh"
    words = re.findall(r"[^\W\d_']+(?:'[^\W\d_]+)?", text.lower())
    score = {x: float(sum(w in WORDS[x] for w in words)) for x in WORDS}
    for language, letters in LETTERS.items():
        score[language] += 0.6 * sum(text.lower().count(c) for c in letters)
    best = max(score, key=lambda x: score[x])
    return best if score[best] > 0 else ""
