"""Orders in which every condition comes equally often at every place and after every other one."""


def williams_square(conditions: int) -> tuple[tuple[int, ...], ...]:
    """Give the rows of a Latin square that is balanced for what comes before (Williams, 1949).

    Over all rows each condition stands equally often at each place, and each ordered pair of conditions
    follows one another equally often, so that neither fatigue nor contrast with the previous sound favours
    one of them. An odd number of conditions takes two squares, the second with every row reversed.

    Args:
        conditions: How many conditions there are, at least 1.

    Returns:
        As many rows as conditions, or twice as many if their number is odd and above 1; each row holds every
        number from 0 to conditions - 1 once. Each of the squares has every condition once at every place.

    Raises:
        ValueError: There is no condition.
    """
    if conditions < 1:
        raise ValueError(f"expected at least one condition, got {conditions}")
    first = [
        (place + 1) // 2 if place % 2 else (conditions - place // 2) % conditions
        for place in range(conditions)
    ]
    square = [tuple((condition + row) % conditions for condition in first) for row in range(conditions)]
    if conditions % 2 and conditions > 1:
        square += [row[::-1] for row in square]
    return tuple(square)
