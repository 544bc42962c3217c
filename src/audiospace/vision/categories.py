"""What can be heard: groups of ImageNet classes that make, or strongly imply, one kind of sound.

Class numbers are those of ImageNet-1k (Russakovsky et al., "ImageNet Large Scale Visual Recognition
Challenge", 2015), counted from 0 in the usual order. A class belongs to one group at most; classes that are
silent, or whose sound has no group, belong to none. Worn things stand for the people who wear them, since
ImageNet has hardly any class of people; underwater life stands for the diver's bubbles, the sound that
underwater footage carries.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

CLASS_COUNT = 1000
_FLOOR = 5.0 / CLASS_COUNT  # five times chance


@dataclass(frozen=True)
class Category:
    """A kind of sound, and the classes that show it.

    Attributes:
        name: Name of the kind of sound.
        indices: ImageNet-1k class numbers, each in [0, 1000).
    """

    name: str
    indices: tuple[int, ...]


CATEGORIES: tuple[Category, ...] = (
    # domestic dogs, wolves, coyote, dingo, dhole, African wild dog, dog sled.
    Category("dog", (*range(151, 276), 537)),
    # ostrich and songbirds to great grey owl, grouse to toucan, ducks, geese, black swan, storks to
    # albatross, birdhouse.
    Category("bird", (*range(9, 25), *range(80, 101), *range(127, 147), 448)),
    # cock, hen.
    Category("rooster", (7, 8)),
    # fly, bee, grasshopper, cricket, cicada, leafhopper, dragonfly, apiary, honeycomb.
    Category("insect", (308, 309, 311, 312, 316, 317, 319, 410, 599)),
    # grey whale, killer whale, dugong.
    Category("whale", (147, 148, 149)),
    # chainsaw, lawn mower, sawmill, power drill.
    Category("chainsaw", (491, 621, 634, 740)),
    # analog clock, digital clock, stopwatch, wall clock.
    Category("clock", (409, 530, 826, 892)),
    # candle, fire screen sheet, match, stove, torch, volcano.
    Category("fire", (470, 556, 644, 827, 862, 980)),
    # airliner, airship, space shuttle, military aircraft, wing.
    Category("aircraft", (404, 405, 812, 895, 908)),
    # lighthouse, breakwater, pier, promontory, shoal, seashore.
    Category("sea", (437, 460, 718, 976, 977, 978)),
    # rain barrel, umbrella.
    Category("rain", (756, 879)),
    # high-speed train, electric locomotive, freight car, passenger car, steam locomotive, tram.
    Category("train", (466, 547, 565, 705, 820, 829)),
    # aircraft carrier, canoe, catamaran, container ship, dock, fireboat, gondola, lifeboat, ocean
    # liner, paddle, paddle wheel, pirate ship, schooner, motorboat, submarine, trimaran, yawl.
    Category("boat", (403, 472, 484, 510, 536, 554, 576, 625, 628, 693, 694, 724, 780, 814, 833, 871, 914)),
    # ambulance, amphibious vehicle, station wagon, taxicab, car mirror, car wheel, convertible, fire
    # engine, garbage truck, gas pump, golf cart, grille, half-track, jeep, limousine, minibus, minivan,
    # Model T, moving van, pickup truck, police van, race car, recreational vehicle, school bus, seat
    # belt, sports car, tank, tow truck, semi-trailer truck, trolleybus, traffic light.
    Category(
        "road_vehicle",
        (
            407,
            408,
            436,
            468,
            475,
            479,
            511,
            555,
            569,
            571,
            575,
            581,
            586,
            609,
            627,
            654,
            656,
            661,
            675,
            717,
            734,
            751,
            757,
            779,
            785,
            817,
            847,
            864,
            867,
            874,
            920,
        ),
    ),
    # forklift, harvester, plow, snowplow, threshing machine, tractor.
    Category("tractor", (561, 595, 730, 803, 856, 866)),
    # crash helmet, go-kart, moped, scooter, snowmobile.
    Category("motorcycle", (518, 573, 665, 670, 802)),
    # acoustic guitar, banjo, electric guitar, plectrum.
    Category("guitar", (402, 420, 546, 714)),
    # cello, harp, violin.
    Category("strings", (486, 594, 889)),
    # bassoon, cornet, flute, French horn, harmonica, oboe, ocarina, pan flute, saxophone, trombone,
    # whistle.
    Category("wind_instrument", (432, 513, 558, 566, 593, 683, 684, 699, 776, 875, 902)),
    # accordion, grand piano, organ, upright piano.
    Category("keys", (401, 579, 687, 881)),
    # chime, drum, drumstick, gong, maraca, marimba, steel drum.
    Category("drums", (494, 541, 542, 577, 641, 642, 822)),
    # cassette player, CD player, home theater, speaker, microphone, radio, spotlight, stage, tape
    # player, front curtain.
    Category("stage", (482, 485, 598, 632, 650, 754, 818, 819, 848, 854)),
    # bassinet, bib, cradle, infant bed, diaper, nipple.
    Category("baby", (431, 443, 516, 520, 529, 680)),
    # abaya, academic gown, barber chair, barbershop, military cap, bikini, bow tie, bulletproof vest,
    # cardigan, mobile phone, cloak, cowboy hat, feather boa, football helmet, fur coat, gown, hoop
    # skirt, jeans, T-shirt, kimono, lab coat, mask, military uniform, miniskirt, square academic cap,
    # overskirt, poncho, sarong, sombrero, stretcher, suit, sunglass, sunglasses, sweatshirt, swimsuit,
    # trench coat, vestment, wig, Windsor tie, baseball player, bridegroom.
    Category(
        "people",
        (
            399,
            400,
            423,
            424,
            439,
            445,
            457,
            465,
            474,
            487,
            501,
            515,
            552,
            560,
            568,
            578,
            601,
            608,
            610,
            614,
            617,
            643,
            652,
            655,
            667,
            689,
            735,
            775,
            808,
            830,
            834,
            836,
            837,
            841,
            842,
            869,
            887,
            903,
            906,
            981,
            982,
        ),
    ),
    # great white shark, tiger shark, hammerhead shark, electric ray, stingray, loggerhead sea turtle,
    # leatherback sea turtle, jellyfish, sea anemone, brain coral, rock beauty, clownfish, lionfish,
    # pufferfish, snorkel, coral reef, scuba diver.
    Category("diver", (2, 3, 4, 5, 6, 33, 34, 107, 108, 109, 392, 393, 396, 397, 801, 973, 983)),
    # bakery, basketball, bookstore, butcher shop, carousel, confectionery store, dining table, grocery
    # store, maypole, restaurant, rugby ball, scoreboard, shoe store, slot machine, soccer ball, toy
    # store, turnstile, volleyball.
    Category(
        "crowd", (415, 430, 454, 467, 476, 509, 532, 582, 645, 762, 768, 781, 788, 800, 805, 865, 877, 890)
    ),
    # electric fan, flagpole, hair dryer, parachute, pinwheel, alp, cliff, valley.
    Category("wind", (545, 557, 589, 701, 723, 970, 972, 979)),
    # swimming cap, bathtub, dam, fountain, shower curtain, tub, sink, washing machine, bubble, geyser,
    # lakeshore.
    Category("water", (433, 435, 525, 562, 794, 876, 896, 897, 971, 974, 975)),
)


def category_posterior(posterior: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Add up the probability of the classes in each category.

    A class counts by how far its probability p exceeds a floor of five times chance: (p - floor) / (1 -
    floor). An undecided recogniser gives a little to every class, which in a group of 126 breeds of dog would
    add up.

    Args:
        posterior: Class probabilities, shape (..., 1000).

    Returns:
        Mass of each category, shape (..., 28), in the order of `CATEGORIES`. The sum is at most 1: the
        rest is what makes no sound.

    Raises:
        ValueError: If the last axis does not hold 1000 classes.
    """
    if posterior.shape[-1] != CLASS_COUNT:
        raise ValueError(f"a posterior over {CLASS_COUNT} classes is needed, got shape {posterior.shape}")
    sure = np.maximum(posterior - np.float32(_FLOOR), 0.0) / np.float32(1.0 - _FLOOR)
    summed: npt.NDArray[np.float32] = sure @ _membership()
    return summed


@lru_cache(maxsize=1)
def _membership() -> npt.NDArray[np.float32]:
    matrix = np.zeros((CLASS_COUNT, len(CATEGORIES)), dtype=np.float32)
    for column, category in enumerate(CATEGORIES):
        matrix[list(category.indices), column] = 1.0
    return matrix
