"""How a password is kept."""

from typing import Any


def test_a_password_is_kept_as_argon2id_of_46_mib_and_two_passes(strong: Any) -> None:
    kept = strong.hash("gravel teapot 42 lantern")
    assert kept.startswith("$argon2id$v=19$m=47104,t=2,p=1$")
    assert strong.verify("gravel teapot 42 lantern", kept)
    assert not strong.verify("gravel teapot 43 lantern", kept)
