"""The kinds of source that a scene is made of: what is seen and what is heard go by the same name."""

KINDS: tuple[str, ...] = (
    "dog",
    "bird",
    "rooster",
    "insect",
    "whale",
    "chainsaw",
    "clock",
    "fire",
    "aircraft",
    "sea",
    "rain",
    "train",
    "boat",
    "road_vehicle",
    "tractor",
    "motorcycle",
    "guitar",
    "strings",
    "wind_instrument",
    "keys",
    "drums",
    "stage",
    "baby",
    "people",
    "diver",
    "crowd",
    "wind",
    "water",
)

LARGE_KINDS = frozenset(
    {"aircraft", "boat", "fire", "keys", "motorcycle", "sea", "strings", "tractor", "train"}
)
"""Kinds that are always seen large: small, even people would not tell them."""

AMBIENCE_KINDS = frozenset({"bird", "crowd", "insect", "rain", "road_vehicle", "sea", "water", "wind"})
"""Kinds that may also be heard from all around, without being seen."""

EVENT_KINDS = frozenset({"dog", "bird", "rooster", "baby", "people"})
"""Kinds heard as separate calls: a short recording is repeated with pauses, not looped."""
