"""PURE: currencies whose unit buys little, so that honest pay has many digits. By orders of magnitude, not by rates."""

from wm_api.records.columns import Integer, Number

NINE_DIGITS = (
    *("ARS", "BIF", "CDF", "CLP", "COP", "GNF", "IDR", "IQD", "IRR", "KHR", "KRW", "LAK"),
    *("LBP", "MGA", "MMK", "MNT", "PYG", "RWF", "SLL", "SYP", "TZS", "UGX", "UZS", "VND"),
)
"""In which a year's pay may have nine digits."""
SMALL_UNITS = (
    *NINE_DIGITS,
    *("AMD", "AOA", "CRC", "DJF", "DZD", "HUF", "ISK", "JPY", "KES", "KMF", "KPW", "KZT", "LKR", "LRD"),
    *("MWK", "NGN", "NPR", "PKR", "RSD", "SDG", "SOS", "SSP", "VUV", "XAF", "XOF", "XPF", "YER"),
)
"""Of which a dollar or a euro buys a hundred or more."""
SMALL_UNIT_TIMES = 1000
"""A range of money is so many times as wide in them."""


def widest(kind: Number | Integer) -> tuple[float, float]:
    """Least and most of a number in any currency."""
    times = SMALL_UNIT_TIMES if isinstance(kind, Number) and kind.is_money else 1
    return times * kind.minimum, times * kind.maximum
