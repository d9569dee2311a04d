"""Phrases of the project's own questions; those under UNSEEN are kept from training.

A phrase names persons and things as ``words.Cast`` does and its numbers as a, b, c. The log of the
embedded LLM and its own accuracy come from questions in UNSEEN phrases alone.
"""

# ruff: noqa: E501 - one phrase, one line

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Phrases:
    """Ways to say the same, split into those for training and those for judging."""

    seen: tuple[str, ...]
    unseen: tuple[str, ...]

    def draw(self, random: Random, unseen: bool) -> str:
        """One phrase of the wanted part."""
        return random.choice(self.unseen if unseen else self.seen)


def phrases(seen: str, unseen: str) -> Phrases:
    """Read phrases, one a line."""
    return Phrases(*(tuple(part.strip().splitlines()) for part in (seen, unseen)))


HAVE = phrases(
    """{n} has {a} {o}.
{n} had {a} {o}.
There are {a} {o} on the table.
{n} picked {a} {o}.
{n} owns {a} {o}.
{n} bought {a} {o}.
{n} found {a} {o} in the {place}.
{n} collected {a} {o}.
{n} baked {a} {o}.
A shop has {a} {o}.
There were {a} {o} in the {place}.
{n} starts with {a} {o}.
{n} counted {a} {o}.
On {day} {n} had {a} {o}.
A basket holds {a} {o}.
{n} made {a} {o} for the {place}.""",
    """{n} keeps {a} {o} in a drawer.
{n} brought {a} {o} to the {place}.
At first {n} has {a} {o}.""",
)
GAIN = phrases(
    """{P} gets {b} more.
{m} gives {obj} {b} more {o}.
{P} buys {b} more {o}.
{Pos} {rel} gives {obj} {b} {o}.
Then {p} finds {b} more.
{P} got {b} more from {pos} {rel}.
{P} receives {b} {o} as a present.
Later {p} bought another {b} {o}.
{P} adds {b} more {o}.
Then {m} gave {obj} {b} {o}.
{b} more {o} are added.
{P} wins {b} {o} in a game.
On {day2} {p} gets {b} more.
{P} picks up {b} more on the way home.
Someone puts {b} more {o} there.""",
    """{Pos} {rel} hands {obj} another {b} {o}.
After that {p} gets {b} extra {o}.
{m} brings {b} more {o} for {obj}.""",
)
LOSE = phrases(
    """{P} gives {c} to {m}.
{P} gives away {c} {o}.
{P} loses {c} of them.
{P} sells {c} {o}.
{P} uses {c} of them.
Then {c} {o} are taken away.
{P} gave {c} {o} to {pos} {rel}.
{c} of them are broken.
{m} takes {c} of the {o}.
{P} dropped and lost {c} {o}.
Later {p} sold {c} of them.
{P} throws {c} of them away.
{P} spends {c} {o}.
Then {p} lost {c} {o}.
{P} gives {c} of the {o} to {pos} {rel}.
{P} eats {c} of them.
{c} {o} roll away and get lost.
On {day2} {p} gave {m} {c} {o}.""",
    """{P} lets {m} have {c} of them.
Then {p} hands {c} {o} to {pos} {rel}.
{P} takes out {c} {o} and gives them away.""",
)
HOW_MANY_NOW = phrases(
    """How many {o} does {n} have now?
How many {o} are there now?
How many are left?
How many {o} are left?
How many {o} does {p} have in the end?
What is the number of {o} now?
How many {o} does {n} have left?
How many {o} remain?
How many does {p} have?
Find how many {o} there are now.
How many {o} will there be?
How many {o} does {p} still have?""",
    """How many {o} are there in the end?
How many {o} has {n} got now?
With how many {o} does {n} end up?""",
)
HOW_MANY_TOTAL = phrases(
    """How many {o} are there in total?
How many {o} are there altogether?
How many {o} is that in all?
How many {o} does {n} have altogether?
What is the total number of {o}?
How many {o} are there?
How many {o} does {p} have in all?
Find the total number of {o}.
How many {o} in total?""",
    """How many {o} does that make?
Altogether, how many {o} are there?
How many {o} does {n} have in total?""",
)
GROUPS = phrases(
    """{n} has {a} {box} with {b} {o} in each.
{n} has {a} {box} of {b} {o}.
There are {a} {box} with {b} {o} each.
Each of {a} {box} holds {b} {o}.
{n} buys {a} {box} of {o} with {b} {o} in each.
{n} fills {a} {box}. Each has {b} {o}.
There are {b} {o} in each of the {a} {box}.
{n} packs {b} {o} into each of {a} {box}.
{a} {box} have {b} {o} each.
A shop has {a} {box}. There are {b} {o} in every one.
{n} bought {a} {box}. Each one contains {b} {o}.
{n} put {b} {o} in each of {a} {box}.""",
    """In {n}'s room stand {a} {box}, each with {b} {o}.
{n} gets {a} {box} and finds {b} {o} in each one.
{n} carries {a} {box} that hold {b} {o} each.""",
)
SHARE = phrases(
    """{n} shares {a} {o} equally among {b} friends.
{a} {o} are shared among {b} {people}.
{n} has {a} {o} and {b} friends. {P} gives each friend the same number of {o}.
{n} divides {a} {o} into {b} equal groups.
{n} puts {a} {o} equally into {b} {box}.
{a} {o} are split equally between {b} {people}.
There are {a} {o} for {b} {people}.
{n} splits {a} {o} into {b} equal piles.
{n} wants to share {a} {o} fairly with {b} {people}.""",
    """{n} deals out {a} {o} equally to {b} {people}.
{b} {people} share {a} {o} so that all get the same number.
{n} spreads {a} {o} evenly over {b} {box}.""",
)
EACH_GETS = phrases(
    """How many {o} does each get?
How many does each one get?
How many {o} are there in each?
How many {o} for each?
How many {o} will each one have?
How many {o} go to each?
How many does everyone receive?""",
    """What is the share of each?
How many {o} will each receive?""",
)
PACK = phrases(
    """{n} has {a} {o}. {P} puts {b} {o} in each of the {box}. How many {box} does {p} need?
{n} packs {a} {o} into {box} of {b}. How many {box} are filled?
{a} {o} are put in {box} with {b} in each. How many {box} are there?
If {b} {o} fit in one of the {box}, how many {box} are needed for {a} {o}?
How many {box} of {b} {o} can {n} make from {a} {o}?
Each of the {box} can hold {b} {o}. How many {box} does {n} need for {a} {o}?""",
    """{n} wants to store {a} {o}, {b} to each of the {box}. How many {box} must {p} buy?
{n} sorts {a} {o} so that each of the {box} gets {b}. How many {box} does {p} use?""",
)
MORE_THAN = phrases(
    """{n} has {a} {o}. {m} has {b} more {o} than {n}. How many {o} does {m} have?
{m} has {b} more {o} than {n}. {n} has {a} {o}. How many {o} does {m} have?
{n} has {a} {o} and {m} has {b} more. How many does {m} have?
{n} found {a} {o}. {m} found {b} more than {n}. How many {o} did {m} find?
{n} read {a} pages. {m} read {b} pages more than {n}. How many pages did {m} read?
{n} is {a} years old. {m} is {b} years older. How old is {m}?""",
    """{n} owns {a} {o}, and {m} owns {b} more than {p} does. How many {o} does {m} own?
If {n} has {a} {o} and {m} has {b} more than {n}, how many {o} has {m} got?""",
)
FEWER_THAN = phrases(
    """{n} has {a} {o}. {m} has {b} fewer {o} than {n}. How many {o} does {m} have?
{m} has {b} fewer {o} than {n}. {n} has {a} {o}. How many {o} does {m} have?
{n} has {a} {o} and {m} has {b} less. How many does {m} have?
{n} found {a} {o}. {m} found {b} less than {n}. How many {o} did {m} find?
{n} is {a} years old. {m} is {b} years younger. How old is {m}?
{n} has {b} more {o} than {m}. {n} has {a} {o}. How many {o} does {m} have?""",
    """{n} owns {a} {o}, and {m} owns {b} fewer than {p} does. How many {o} does {m} own?
If {n} has {a} {o} and {m} has {b} fewer than {n}, how many {o} has {m} got?""",
)
DIFFERENCE = phrases(
    """{n} has {a} {o}. {m} has {b} {o}. How many more {o} does {n} have than {m}?
{n} has {a} {o} and {m} has {b}. How many fewer {o} does {m} have than {n}?
There are {a} {o} and {b} {o2}. How many more {o} than {o2} are there?
{n} picked {a} {o} and {b} {o2}. How many more {o} did {p} pick?
{n} has {b} {o}. {P} wants {a}. How many more {o} does {p} need?
{n} is {a} years old and {m} is {b}. How many years older is {n}?
What is the difference between {n}'s {a} {o} and {m}'s {b} {o}?
The {place} needs {a} {o}. It has {b}. How many more are needed?
A book has {a} pages. {n} has read {b}. How many pages are left to read?""",
    """{n} counted {a} {o} and {b} {o2}. By how many are there more {o} than {o2}?
{m} has {b} {o}, {n} has {a} {o}. How many {o} more does {n} have?
{n} needs {a} {o} for the {place} but has only {b}. How many are missing?""",
)
TWO_KINDS = phrases(
    """{n} has {a} {col} {o} and {b} {col2} {o}.
There are {a} {col} {o} and {b} {col2} {o} in the {place}.
{n} has {a} {o} and {m} has {b} {o}.
{n} found {a} {o} on {day} and {b} {o} on {day2}.
{n} bought {a} {o} in the morning and {b} in the afternoon.
{n} picked {a} {o}. {m} picked {b} {o}.
One of the {box} has {a} {o} and another one has {b} {o}.
{n} has {a} {o} at home and {b} {o} at school.""",
    """{n} sold {a} {o} on {day} and {b} {o} on {day2}.
In one hand {n} has {a} {o} and in the other {b} {o}.
{n} and {m} bring {a} and {b} {o}.""",
)
UNKNOWN_CHANGE = phrases(
    """{n} had {a} {o}. {P} gave some to {m}. Now {p} has {b} {o} left. How many {o} did {p} give to {m}?
{n} had {a} {o}. After losing some, {p} has {b}. How many did {p} lose?
There were {a} {o}. Some were eaten and {b} are left. How many {o} were eaten?
{n} baked {a} {o} and sold some. {b} {o} were left. How many did {p} sell?
{n} had {b} {o}. {m} gave {obj} some more. Now {p} has {a}. How many {o} did {m} give {obj}?
{n} had {b} {o}. {P} bought some more and now has {a} {o}. How many did {p} buy?
There were {b} {people} on the {vehicle}. Some more got on. Now there are {a}. How many got on?
There were {a} {people} on the {vehicle}. Some got off and {b} stayed. How many got off?""",
    """From {a} {o} {n} sold some and kept {b}. How many {o} did {p} sell?
{n} began with {b} {o} and now has {a}. How many {o} did {p} get?""",
)
UNKNOWN_START = phrases(
    """{n} gave {b} {o} to {m} and has {a} left. How many {o} did {p} have at first?
After {n} ate {b} {o}, {p} had {a} left. How many did {p} have in the beginning?
{n} lost {b} {o}. Now {p} has {a}. How many {o} did {n} have before?
Some {people} were on the {vehicle}. {b} got off and {a} stayed. How many were there at the start?
{n} sold {b} {o} and still has {a}. How many {o} did {n} have to start with?
After giving away {b} {o}, {n} has {a} {o}. How many {o} were there before?""",
    """{n} used {b} {o} and {a} remain. How many {o} did {n} start with?
{m} took {b} of {n}'s {o}, so that {a} were left. How many did {n} have earlier?""",
)
UNKNOWN_START_GAIN = phrases(
    """{m} gave {n} {b} {o}. Now {n} has {a} {o}. How many {o} did {n} have at first?
{n} bought {b} more {o} and now has {a}. How many did {p} have before?
{n} found {b} {o}. Now {p} has {a} {o}. How many {o} did {p} have in the beginning?
{b} more {people} got on the {vehicle}, and then there were {a}. How many were on it before?""",
    """After {n} got {b} {o}, {p} has {a}. How many {o} did {n} have to begin with?
With {b} more {o} from {m}, {n} now has {a}. How many were there before?""",
)
RIDE = phrases(
    """There are {a} {people} on a {vehicle}.
A {vehicle} has {a} {people} on it.
{a} {people} are in the {place}.
A {vehicle} starts with {a} {people}.
There were {a} {people} at the {place}.""",
    """{a} {people} sit in a {vehicle}.
A {vehicle} leaves with {a} {people}.""",
)
RIDE_ON = phrases(
    """{b} more get on.
{b} more {people} come.
At the next stop {b} {people} get on.
Then {b} more join them.
{b} {people} arrive.""",
    """At the stop {b} others step in.
Then {b} more {people} enter.""",
)
RIDE_OFF = phrases(
    """{c} get off.
{c} {people} leave.
At the next stop {c} {people} get off.
Then {c} of them go home.
{c} of the {people} leave early.""",
    """At the stop {c} step out.
Then {c} {people} walk away.""",
)
RIDE_QUESTION = phrases(
    """How many {people} are there now?
How many {people} are left?
How many are on the {vehicle} now?
How many {people} remain?
How many {people} are on it in the end?""",
    """How many {people} are still there?
How many {people} does that leave?""",
)
COST = phrases(
    """One {item} costs {b} dollars. How much do {a} of them cost?
{n} buys {a} tickets for ${b} each. How much does {p} pay?
A {item} costs ${b}. What is the price of {a}?
{n} bought {a} {o} at {b} dollars each. How much did {p} spend?
If one {item} is ${b}, how many dollars are {a} of them?
Each {item} costs {b} dollars. {n} buys {a}. What does {p} pay?
{n} sells {a} {o} for {b} dollars each. How much money does {p} make?
How much money will {n} need for {a} {o} if each costs ${b}?""",
    """{n} takes {a} {o} that are {b} dollars apiece. What is the bill?
For every {item} the shop asks {b} dollars. What must {n} pay for {a}?""",
)
CHANGE = phrases(
    """{n} had {c} dollars. {P} bought {a} {o} for {b} dollars each. How much money does {p} have left?
{n} has ${c}. {P} buys {a} {o} at ${b} each. How many dollars are left?
{n} pays with {c} dollars for {a} {o} that cost {b} dollars each. How much change does {p} get?
{n} has {c} dollars and buys {a} tickets at {b} dollars each. How much is left?
{a} {o} cost ${b} each. {n} gives the seller ${c}. How much change does {n} receive?""",
    """With {c} dollars {n} goes to the shop and buys {a} {o} for ${b} each. How much does {p} bring home?
{n} takes {c} dollars along and pays for {a} {o} at {b} dollars each. What remains?""",
)
SPEND_TWO = phrases(
    """{n} bought a {item} for ${a} and a {item2} for ${b}. How much did {p} spend?
A {item} costs {a} dollars and a {item2} costs {b} dollars. How much do they cost together?
{n} paid {a} dollars for a {item} and {b} dollars for a {item2}. What did {p} pay in total?
{n} spent ${a} on a {item}. {P} also bought a {item2} for ${b}. How much money did {p} spend in all?
{n} earned ${a} on {day} and ${b} on {day2}. How much did {p} earn altogether?""",
    """At the shop {n} chose a {item} at ${a} and a {item2} at ${b}. What was the bill?
A {item} for {a} dollars and a {item2} for {b} dollars: how much is that together?""",
)
MONEY_LEFT = phrases(
    """{n} had {a} dollars. {P} spent {b} dollars on a {item}. How much money is left?
{n} has ${a}. {P} buys a {item} for ${b}. How many dollars does {p} have left?
{n} pays for a {item} that costs ${b} with ${a}. How much change does {p} get?
A {item} costs ${a}. {n} has saved ${b}. How much more money does {p} need?
The {item} was {a} dollars but is now {b} dollars cheaper. What does it cost now?""",
    """After paying {b} dollars for a {item}, how much is left of {n}'s {a} dollars?
{n} goes out with ${a} and spends ${b}. With how much does {p} come home?""",
)
RATE = phrases(
    """{n} reads {b} pages a day. How many pages does {p} read in {a} days?
{n} runs {b} miles every day. How far does {p} run in {a} days?
A car drives {b} miles per hour. How far does it go in {a} hours?
{n} earns {b} dollars per hour. How much does {p} earn in {a} hours?
A machine makes {b} {o} in one hour. How many {o} does it make in {a} hours?
{n} saves {b} dollars each week. How much does {p} save in {a} weeks?
{n} can paint {b} {o} in a day. How many can {p} paint in {a} days?
{n} works {b} hours a day for {a} days. How many hours is that?""",
    """Every day {n} writes {b} pages. How many pages are written after {a} days?
A {vehicle} covers {b} miles each hour. What distance does it cover in {a} hours?""",
)
RATE_TIME = phrases(
    """{n} reads {b} pages a day. How many days does {p} need for a book of {a} pages?
A book has {a} pages. {n} reads {b} pages each day. In how many days will {p} finish it?
{n} saves {b} dollars each week. How many weeks until {p} has {a} dollars?
A car drives {b} miles per hour. How many hours does it need for {a} miles?
A machine makes {b} {o} an hour. How long does it take to make {a} {o}?
{n} earned {a} dollars in {b} hours. How much did {p} earn per hour?
{n} walked {a} miles in {b} days. How many miles did {p} walk each day?
{a} {o} cost {b} dollars altogether with the same price for each dollar. How many {o} per dollar is that?""",
    """A {vehicle} covers {b} miles each hour. How long does it take for {a} miles?
To earn {a} dollars at {b} dollars a day, how many days must {n} work?""",
)
TIMES = phrases(
    """{n} has {a} {o}. {m} has {b} times as many. How many {o} does {m} have?
{m} has {b} times as many {o} as {n}. {n} has {a} {o}. How many does {m} have?
{n} found {a} {o}. {m} found {b} times more. How many did {m} find?
{n} is {a} years old. {Pos} {rel} is {b} times as old. How old is {pos} {rel}?""",
    """{n} owns {a} {o}, {m} {b} times that many. How many {o} does {m} own?
If {n} has {a} {o} and {m} {b} times as many as {n}, how many has {m}?""",
)
DOUBLE = phrases(
    """{n} has {a} {o}. {m} has twice as many. How many {o} does {m} have?
{n} has {a} {o}. {m} has double that number. How many does {m} have?
{m} has twice as many {o} as {n}, who has {a}. How many {o} does {m} have?
A {item} costs {a} dollars. A {item2} costs twice as much. How much is the {item2}?""",
    """{n} owns {a} {o} and {m} twice as many. How many {o} does {m} own?
If {n} has {a} {o} and {m} has double that, how many has {m}?""",
)
HALF = phrases(
    """{n} has {a} {o}. {P} gives half of them to {m}. How many {o} does {m} get?
{n} had {a} {o} and ate half of them. How many are left?
{m} has half as many {o} as {n}. {n} has {a}. How many {o} does {m} have?
Half of the {a} {people} are at the {place}. How many {people} is that?
{n} has {a} dollars and spends half of it. How much is left?""",
    """{n} uses half of {pos} {a} {o}. How many {o} does {p} use?
Of {a} {o} {n} keeps half. How many does {p} keep?""",
)
DOZEN = phrases(
    """{n} buys {a} dozen eggs. How many eggs does {p} have?
There are {a} dozen {o} in the {place}. How many {o} are there?""",
    """{n} carries {a} dozen {o}. How many {o} is that?
A {place} orders {a} dozen {o}. How many {o} come?""",
)
CLOCK = phrases(
    """How many minutes are in {a} hours?
{n} slept for {a} hours. How many minutes is that?
A film takes {a} hours. How many minutes does it take?""",
    """The ride takes {a} hours. How many minutes is that?
For {a} hours {n} played. How many minutes did {p} play?""",
)
WEEKS = phrases(
    """{a} weeks have how many days?
{n} stays for {a} weeks. How many days is that?
A course takes {a} weeks. How many days does it take?""",
    """The holidays last {a} weeks. How many days do they last?
{n} is away for {a} weeks. How many days is {p} away?""",
)
AREA = phrases(
    """A rectangle is {a} meters long and {b} meters wide. What is its area?
A garden is {a} feet long and {b} feet wide. What is the area?
What is the area of a room of {a} by {b} meters?""",
    """A field measures {a} meters by {b} meters. How large is its area?
Find the area of a wall that is {a} feet wide and {b} feet high.""",
)
PERIMETER = phrases(
    """A rectangle is {a} meters long and {b} meters wide. What is its perimeter?
A garden is {a} feet long and {b} feet wide. How long is the fence around it?
What is the perimeter of a room of {a} by {b} meters?""",
    """A field measures {a} meters by {b} meters. How far is it all around?
Find the perimeter of a yard that is {a} feet wide and {b} feet long.""",
)
AVERAGE = phrases(
    """What is the average of {a} and {b}?
{n} scored {a} points on {day} and {b} points on {day2}. What is the average?
{n} read {a} pages on {day} and {b} pages on {day2}. How many pages a day is that on average?""",
    """Find the mean of {a} and {b}.
On two days {n} sold {a} and {b} {o}. How many is that per day on average?""",
)
ADD_WEIGHT = phrases(
    """One of the {box} weighs {a} kilograms and another one weighs {b} kilograms. What do they weigh together?
{n} walked {a} miles on {day} and {b} miles on {day2}. How far did {p} walk in all?
A rope is {a} meters long. {n} ties a rope of {b} meters to it. How long is it now?
It rained {a} inches on {day} and {b} inches on {day2}. How much did it rain in total?
{n} drank {a} liters of water and {m} drank {b} liters. How much did they drink together?""",
    """{n} rode {a} miles before lunch and {b} miles after it. What distance is that?
Two ribbons are {a} meters and {b} meters long. How long are they together?""",
)
CUT = phrases(
    """A rope is {a} meters long. {n} cuts off {b} meters. How long is the rest?
{n} had {a} liters of milk and used {b} liters. How much is left?
A tank holds {a} gallons. {b} gallons are used. How many gallons remain?
{n} weighs {a} pounds and {m} weighs {b} pounds. How much heavier is {n}?
{n} wants to walk {a} miles and has walked {b} miles. How far is left?""",
    """From {a} kilograms of rice {n} cooks {b} kilograms. How much rice is left?
A board of {a} feet is shortened by {b} feet. What is its length now?""",
)
DISTRACTION = phrases(
    """{m} has {x} {o2}.
There are also {x} {o2} in the {place}.
{n} is {x} years old.
{n} also has {x} {o2}.
The {place} is {x} miles away.
{Pos} {rel} has {x} {o2}.""",
    """{m} likes {pos} {x} {o2}.
The {place} also has {x} {o2}.""",
)
