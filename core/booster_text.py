"""What LightGBM may be given to read: the text of a booster, checked number by number.

LightGBM trusts the text of a model. It takes the length of each list from another line and follows
the children that are named, so a damaged text ends the process, or worse. What passes here has the
lines that LightGBM writes for the boosters of this program, in their order, and no other; each list
has its length, and the nodes of each tree are a tree.
"""

import re

_MOST_TREES = _MOST_FEATURES = 10_000
_MOST_LEAVES = 1_000
"""Far above what this program fits; LightGBM goes down a tree by recursion."""
_LARGEST = {"threshold": 1e300, "leaf_value": 1e6}
"""Bounds: LightGBM's own of a threshold, and of a leaf one with which a sum stays a number."""
_DECISIONS = frozenset({"0", "2", "4", "6", "8", "10"})
"""Comparisons with a threshold, by what becomes of a missing value; odd ones are of categories."""

_WHOLE = r"-?[0-9]{1,9}"
_NUMBER = r"-?[0-9]{1,20}(?:\.[0-9]{1,25})?(?:e[+-][0-9]{2,3})?"


def _listed(value: str, most: int) -> str:
    """The pattern of values with a blank between them."""
    return f"{value}(?: {value}){{0,{most - 1}}}"


_WHOLES, _NUMBERS = (f"(?:{_listed(one, _MOST_LEAVES)})?" for one in (_WHOLE, _NUMBER))
_TREE_LINES = {
    "num_leaves": "[0-9]{1,4}",
    "num_cat": "0",
    "split_feature": _WHOLES,
    "split_gain": _NUMBERS,
    "threshold": _NUMBERS,
    "decision_type": _WHOLES,
    "left_child": _WHOLES,
    "right_child": _WHOLES,
    "leaf_value": _NUMBERS,
    "leaf_weight": _NUMBERS,
    "leaf_count": _WHOLES,
    "internal_value": _NUMBERS,
    "internal_weight": _NUMBERS,
    "internal_count": _WHOLES,
    "is_linear": "0",
    "shrinkage": _NUMBER,
}
_ALONE = ("num_leaves", "num_cat", "is_linear", "shrinkage")
_OF_LEAVES = ("leaf_value", "leaf_weight", "leaf_count")
_OF_SPLITS = tuple(name for name in _TREE_LINES if name not in (*_ALONE, *_OF_LEAVES))
_TREE = re.compile(
    "Tree=(?P<place>[0-9]{1,5})\n"
    + "".join(f"{name}=(?P<{name}>{value})\n" for name, value in _TREE_LINES.items())
    + "\n\n"
)
_SPAN = rf"(?:none|\[{_NUMBER}:{_NUMBER}\])"
_HEAD = re.compile(
    "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n"
    "max_feature_idx=(?P<last>[0-9]{1,9})\n"
    "objective=(?:cross_entropy|binary sigmoid:1|regression)\n"
    "feature_names=(?P<names>[^\n]*)\n"
    f"feature_infos=(?P<spans>{_listed(_SPAN, _MOST_FEATURES)})\n"
    f"tree_sizes=(?P<sizes>{_listed('[0-9]{1,9}', _MOST_TREES)})\n\n"
)
_TAIL = re.compile(
    "end of trees\n\nfeature_importances:\n"
    rf"(?:Column_[0-9]{{1,9}}=[0-9]{{1,9}}\n){{0,{_MOST_FEATURES}}}\n"
    r"parameters:\n(?:\[[a-z0-9_]{1,60}: [A-Za-z0-9_.+-]{0,60}\]\n){0,999}"
    "\nend of parameters\n\npandas_categorical:null\n"
)


def check(text: str, features: int) -> None:
    """Look at all of a booster's text.

    Args:
        text: As LightGBM wrote it.
        features: How many the booster has to take.

    Raises:
        ValueError: it is not the text of a booster of this program.
    """
    head = _HEAD.match(text)
    if head is None:
        raise ValueError("a booster does not begin like one of this program")
    if int(head["last"]) + 1 != features:
        raise ValueError(f"a booster takes {int(head['last']) + 1} features, not {features}")
    names = " ".join(f"Column_{number}" for number in range(features))
    if head["names"] != names or len(head["spans"].split(" ")) != features:
        raise ValueError("a booster does not describe each of its features")
    end = head.end()
    for place, size in enumerate(head["sizes"].split(" ")):
        tree = _TREE.match(text, end)
        if tree is None or tree["place"] != str(place) or tree.end() - end != int(size):
            raise ValueError(f"tree {place} of a booster is not written as it has to be")
        _check_tree(tree, features)
        end = tree.end()
    if _TAIL.fullmatch(text, end) is None:
        raise ValueError("a booster does not end like one of this program")


def _check_tree(tree: re.Match[str], features: int) -> None:
    """Raise ValueError unless each list of a tree has its length and each value its range."""
    lists = {name: tree[name].split() for name in (*_OF_SPLITS, *_OF_LEAVES)}
    leaves = int(tree["num_leaves"])
    # Of a tree that is one leaf LightGBM neither writes nor reads more than its value.
    of_leaves = _OF_LEAVES if leaves > 1 else ("leaf_value",)
    lengths = dict.fromkeys(of_leaves, leaves) | dict.fromkeys(_OF_SPLITS, leaves - 1)
    for name, length in lengths.items():
        if len(lists[name]) != length:
            raise ValueError(f"{name} of a tree has {len(lists[name])} values, not {length}")
    if not all(0 <= int(feature) < features for feature in lists["split_feature"]):
        raise ValueError("a tree asks for a feature that there is not")
    if not _DECISIONS.issuperset(lists["decision_type"]):
        raise ValueError("a tree decides in a way that is not this program's")
    for name, largest in _LARGEST.items():
        if not all(abs(float(value)) <= largest for value in lists[name]):
            raise ValueError(f"a value of {name} is too large")
    left, right = ([int(child) for child in lists[f"{side}_child"]] for side in ("left", "right"))
    _check_children(left, right)


def _check_children(left: list[int], right: list[int]) -> None:
    """Raise ValueError unless each node but the first is the child of one that comes before it.

    Nodes are counted from 0 up and leaves from -1 down. As children come later there is no circle.
    """
    splits = len(left)
    if splits and sorted(left + right) != [*range(-splits - 1, 0), *range(1, splits)]:
        raise ValueError("a node of a tree is not the child of one other")
    for node, children in enumerate(zip(left, right, strict=True)):
        if any(0 <= child <= node for child in children):
            raise ValueError("a node of a tree comes before the one it is a child of")
