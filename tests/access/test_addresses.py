"""The address that a request is counted under: what a client can invent is not believed."""

import pytest

from lifecycle.access.addresses import client_address

PROXY = "10.0.0.9"


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ("", 0, PROXY),
        ("1.2.3.4", 0, PROXY),
        ("1.2.3.4", 1, "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4", 1, "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4, 10.0.0.8", 2, "1.2.3.4"),
        ("1.2.3.4", 2, "1.2.3.4"),
        ("", 1, PROXY),
        (" , ,1.2.3.4 ,", 1, "1.2.3.4"),
        ("1.2.3.4:5678", 1, "1.2.3.4"),
        ("[2001:db8:1:2:3::4]", 1, "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", 1, "2001:db8:1:2::/64"),
        ("::ffff:1.2.3.4", 1, "1.2.3.4"),
        ("<script>", 1, PROXY),
        ("unknown", 1, PROXY),
    ],
)
def test_only_the_entries_of_our_own_proxies_are_believed(
    forwarded: str, proxies: int, address: str
) -> None:
    assert client_address(PROXY, forwarded, proxies=proxies) == address


def test_who_connects_without_an_address_is_counted_as_one() -> None:
    assert client_address("", "", proxies=0) == ""
