"""Level C: what names nobody alone, and somebody together with two more of its kind."""

import re
from collections.abc import Iterator

from lti_tool.confidentiality.words import PLACES

Hit = tuple[str, int, int]
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_KINDS: dict[str, str] = {
    "age": (
        r"\b(?:aged?\s+\d{1,2}(?!\s*%)"
        r"|\d{1,2}[\s-]?(?:years?|yrs?|months?|mths?|weeks?|days?)[\s-]?(?:old|of\s+age)|\d{1,2}\s?(?:y/o|yo|y\.o\.)|\d{2}\s?(?:F|M|♀|♂)(?=[\s,.;)]|$))"
    ),
    "sex": r"\b(?:wom[ae]n|m[ae]n|females?|males?|gentlem[ae]n|lad(?:y|ies)|boys?|girls?|schoolboy|schoolgirl)\b",
    "ethnicity": (
        r"\b(?:white\s+british|black\s+(?:african|caribbean|british)|afro-?caribbean|(?:south|east)\s+asian|pakistani|"
        r"bangladeshi|nigerian|somali|ghanaian|polish|romanian|chinese|filipino|gypsy|roma|traveller|turkish|"
        r"ethiopian|eritrean|syrian|afghan|kurdish|jamaican|sri\s+lankan)\b"
    ),
    "religion": (
        r"\b(?:muslim|jewish|hindu|sikh|buddhist|catholic|jehovah'?s\s+witness(?:es)?|mormon|quaker|orthodox\s+(?:jew|"
        r"christian)|rastafarian|christian\s+scientist)\b"
    ),
    "occupation": (
        r"\b(?:farmer|teacher|headteacher|lorry\s+driver|bus\s+driver|taxi\s+driver|builder|bricklayer|plumber|electrician|"
        r"solicitor|barrister|judge|policem[ae]n|police\s+officer|firefighter|soldier|pilot|vicar|priest|imam|rabbi|"
        r"councillor|footballer|musician|actor|actress|journalist|postman|butcher|baker|chef|hairdresser|miner|fisherman|"
        r"vet|dentist|accountant|mayor|MP|carpenter|gardener|publican|undertaker|shopkeeper|jockey|dancer|scaffolder|welder)\b"
    ),
    "relation": (
        r"\b(?:his|her|their)\s+(?:wife|husband|partner|son|daughter|mother|father|brother|sister|grandson|granddaughter|"
        r"grandmother|grandfather|nephew|niece|uncle|aunt|cousin|mum|dad|fianc[eé]e?|carer|neighbour)\b"
    ),
    "rare_disease": (
        r"\b(?:fabry|gaucher|pompe|wilson'?s\s+disease|huntington'?s?|ehlers|marfan|creutzfeldt|batten|rett|prader|angelman|"
        r"williams\s+syndrome|erdheim|castleman|stiff\s+person|locked-in|progeria|alkaptonuria|porphyria|"
        r"phaeochromocytoma|fibrodysplasia|epidermolysis\s+bullosa|osteogenesis\s+imperfecta|hereditary\s+angioedema|"
        r"situs\s+inversus|whipple'?s|moyamoya|takayasu|rabies|anthrax|leprosy|polio(?:myelitis)?|botulism)\b"
    ),
    "multiple_birth": r"\b(?:identical\s+)?(?:twins?|triplets?|quadruplets?|quins?)\b",
    "event": (
        r"\b(?:in\s+the\s+(?:news|papers?(?!\s+(?:notes?|records?|charts?|copy))|newspapers?)|on\s+the\s+(?:news|front\s+page)|made\s+(?:the\s+)?headlines|"
        r"local\s+paper|Grenfell|bombing|terror(?:ist)?\s+attack|(?:train|plane|coach|air)\s+crash|marathon|stabbing|"
        r"well-?known\s+(?:local|public)|famous|celebrity)\b"
    ),
    "speech": (
        r"\b(?:said|told|asked|says|tells|replied|shouted|whispered|words|quote)\b[^\"\n]{0,30}\"[^\"\n]{12,300}\""
    ),
}
_ANY_CASE = [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _KINDS.items()]
_MONTH = re.compile(
    rf"\b(?:in|since|during|last|of|from|until|late|early|mid-?)\s+(?:{_MONTHS})\b|\b(?:{_MONTHS})\s+(?:19|20)\d{{2}}\b"
)
_PLACE = re.compile(r"\b(?:in|from|near|to|at|around|outside)\s+([A-Z][a-z]+)\b")


def find_pieces(text: str) -> Iterator[Hit]:
    """Every piece of the jigsaw as (kind, start, end)."""
    for kind, pattern in _ANY_CASE:
        yield from ((kind, *match.span()) for match in pattern.finditer(text))
    yield from (("month", *match.span()) for match in _MONTH.finditer(text))
    for match in _PLACE.finditer(text):
        if match[1].lower() in PLACES:
            yield ("place", *match.span(1))
