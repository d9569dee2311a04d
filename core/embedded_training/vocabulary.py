"""Names, things and numbers that the project's own questions are about."""

from dataclasses import dataclass
from fractions import Fraction
from random import Random


def _read(text: str, between: str = "|") -> tuple[str, ...]:
    return tuple(text.split(between))


SHE = _read(
    "Mia Olga Anna Emma Lucy Nora Ella Zoe Ruth Jane Sara Lily Amy Kate Rosa Maria Lena Ivy Clara "
    "Hannah Grace Alice Priya Fatima Aisha Yuki Mei Sofia Paula Nina Megan Rachel Wendy Joan",
    " ",
)
HE = _read(
    "Tom Leo Sam Ben Max Dan Paul Noah Omar Luis Jack Adam Eric Ivan Hugo Finn Carl Mark Tim "
    "Peter Ravi Ahmed Kenji Bilal Victor George Henry Oscar Jason Fred Mike Alan Ryan Diego",
    " ",
)
MORE_SHE = _read(
    "Sally Nancy Emily Mary Melanie Jessica Sandy Alyssa Joyce Janet Katie Carol Sarah Karen Martha "
    "Ellen Norma Bianca Paige Stephanie Brenda Mildred Diane Kelly Haley Gloria Anne Evelyn Bridget "
    "Faye Kimberly Michelle Sharon Lisa Helen Scarlett Connie Diana Angela Chloe Marie Debby Trisha "
    "Shirley Annie Isabel Jenny Heather Kylie Shelby Shannon Lana Wanda Lillian Vanessa Ashley "
    "Patricia Marilyn Jennifer Olivia Kristi Carolyn Kathleen Eve Lexi Tess Marcia Barbara Linda "
    "Tina Donna Laura Tori Dorothy Pamela Katherine Isabella Ruby Rebecca Dina Kirsten Hayley Beth "
    "Geraldine Brandy Mandy Christine Doris Theresa Betty Kaylee Danielle",
    " ",
)
MORE_HE = _read(
    "Jason Dan Mike Tim Charles Benny Edward Jerry Todd Roger Keith Sean Larry Bobby William "
    "Frank Willie Dave Charlie Juan James John Oliver Cody Jeff Daniel Lawrence Ralph Joshua Billy "
    "Luke Clarence Eugene Craig Christopher David Wayne Tony Bob Ned Bryan Kenneth Carlos Anthony "
    "Benjamin Joseph Kenny Carson Zach Zachary Joe Justin Steve Johnny Arthur Albert Jorge Douglas "
    "Ron Brennan Brian Derek Danny Andre Jeremy Roy Ethan Jonah Thomas Nathan Stanley Jonathan "
    "Ronald Jose Harry Greg Bert Ernest Phillip Kyle Vince Brad Gavin Dylan Martin Andrew Scott "
    "Gerald Mitch Patrick Jesse Bruce Matthew Kaleb Philip Stan Robert",
    " ",
)
"""Names for which others are put into published questions."""
THINGS = _read(
    "apples|pencils|marbles|stickers|books|cookies|coins|cards|eggs|oranges|balloons|stamps|"
    "shells|toy cars|flowers|pens|candies|muffins|buttons|beads|crayons|bananas|nuts|stones|"
    "photos|tickets|cupcakes|peaches|pears|tomatoes|carrots|roses|blocks|ribbons|plates|cups|"
    "bottles|hats|shirts|socks|lemons|grapes|plums|kites|dolls|erasers|notebooks|postcards|"
    "chocolates|sweets|seeds|potatoes|onions|keys|lamps|rings|badges|bricks|tiles|sandwiches|"
    "pizzas|donuts|pies|cakes|candles|rulers|magazines|puzzles|games|songs|leaves|feathers|"
    "fish|birds|cherries|mangoes|biscuits|glasses|spoons|letters|jars of jam|slices of bread"
)
CONTAINERS = _read(
    "boxes|bags|baskets|packs|jars|shelves|crates|drawers|packets|trays|bins|albums|cartons|"
    "cases|buckets|bowls|tables|rows|piles|envelopes"
)
RELATIVES = _read(
    "brother|sister|friend|cousin|teacher|mother|father|neighbor|neighbour|classmate|uncle|aunt|"
    "grandmother|grandfather"
)
FEMALE_RELATIVES = frozenset(("sister", "mother", "aunt", "grandmother"))
PRICED = _read(
    "pen|book|ticket|toy|shirt|cake|sandwich|ball|pizza|hat|notebook|lamp|cup|game|kite|puzzle|"
    "doll|pair of shoes|bottle of juice|bag of rice|bus ticket|ice cream|magazine|plant"
)
PLACES = _read(
    "school|library|park|farm|shop|zoo|market|garden|museum|bakery|playground|hall|theater|"
    "kitchen|office|station|classroom|beach"
)
PEOPLE = _read(
    "children|students|people|pupils|passengers|visitors|players|guests|workers|teachers|boys|"
    "girls|friends|tourists|customers|swimmers|dancers|kids"
)
VEHICLES = _read("bus|train|boat|tram|ferry|plane|van")
DAYS = _read("Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday")
ROLES = _read("A farmer|The teacher|A baker|The shop|A school|A boy|A girl|The gardener")
ANIMALS = _read(
    "birds|cats|dogs|ducks|sheep|cows|horses|rabbits|mice|frogs|bees|fish|goats|hens|spiders|ants"
)
NUMBER_WORDS = _read(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty",
    " ",
)
PARTS = dict(
    zip(range(2, 11), _read("half third quarter fifth sixth seventh eighth ninth tenth", " "))
)
"""Words for parts of a whole by how many make it up."""
AS = _read("as_many as_old as_far as_much as_heavy as_long", " ")
UNITS = (
    ("weeks", "days", 7),
    ("days", "hours", 24),
    ("years", "months", 12),
    ("feet", "inches", 12),
    ("yards", "feet", 3),
    ("centimeters", "millimeters", 10),
    ("hours", "minutes", 60),
    ("minutes", "seconds", 60),
    ("years", "weeks", 52),
)
_ONE = {"mice": "mouse", "ducks": "duck"}
COLOURS = _read("red|blue|green|yellow|white|black|brown|purple|pink|orange")


@dataclass(frozen=True)
class Cast:
    """Who and what a question is about."""

    words: dict[str, str]

    @classmethod
    def draw(cls, random: Random) -> "Cast":
        """Choose two persons, two things and everything else that a phrase may name."""
        she = random.random() < 0.5
        name = random.choice(SHE if she else HE)
        other_she = random.random() < 0.5
        other = random.choice([one for one in (SHE if other_she else HE) if one != name])
        things = random.sample(THINGS, 2)
        colours = random.sample(COLOURS, 2)
        days = random.sample(DAYS, 2)
        animals = random.choice(ANIMALS)
        subject, possessive, objective = ("she", "her", "her") if she else ("he", "his", "him")
        return cls(
            {
                "n": name,
                "p": subject,
                "P": subject.capitalize(),
                "pos": possessive,
                "Pos": possessive.capitalize(),
                "obj": objective,
                "m": other,
                "mp": "she" if other_she else "he",
                "Mp": "She" if other_she else "He",
                "o": things[0],
                "O": things[0].capitalize(),
                "o2": things[1],
                "box": random.choice(CONTAINERS),
                "rel": random.choice(RELATIVES),
                "item": random.choice(PRICED),
                "item2": random.choice(PRICED),
                "place": random.choice(PLACES),
                "people": random.choice(PEOPLE),
                "vehicle": random.choice(VEHICLES),
                "animals": animals,
                "animal": _ONE.get(animals, animals.removesuffix("s")),
                "day": days[0],
                "day2": days[1],
                "col": colours[0],
                "col2": colours[1],
            }
        )


def number(random: Random) -> Fraction:
    """A whole number as questions have them: mostly small, now and then in the hundreds."""
    size = random.random()
    if size < 0.45:
        return Fraction(random.randint(2, 20))
    if size < 0.85:
        return Fraction(random.randint(10, 100))
    return Fraction(random.randint(100, 999))


def factor(random: Random) -> Fraction:
    """A whole number to multiply or divide by."""
    return Fraction(random.randint(2, 12) if random.random() < 0.8 else random.randint(11, 60))


def measure(random: Random) -> Fraction:
    """A number with one or two decimals, a half more often than others."""
    size = random.random()
    if size < 0.3:
        return random.randint(1, 60) + Fraction(1, 2)
    if size < 0.7:
        return Fraction(random.randint(11, 600), 10)
    return Fraction(random.randint(101, 6000), 100)
