"""Ed25519 of official QQ, and events that nothing can break."""

from __future__ import annotations

import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.qq_sign import QQSign
from bot.channels.qq_wire import Unreadable, event
from tests.channels.qq_rig import APP_ID, PATH, SECRET, QQRig, rigged

QUESTION = {"d": {"plain_token": "Arq0D5A61EgUu4OxUvOp", "event_ts": "1725442341"}, "op": 13}
PROOF = (
    "87befc99c42c651b3aac0278e71ada338433ae26fcb24307bdc5ad38c1adc2d0"
    "1bcfcadc0842edac85e85205028a1132afe09280305f13aa6909ffc2d652c706"
)


def test_the_documented_vector_is_reproduced() -> None:
    assert QQSign(SECRET).proof("1725442341", "Arq0D5A61EgUu4OxUvOp") == PROOF


@given(stamp=st.text(max_size=20), token=st.text(max_size=60))
def test_a_proof_never_signs_what_could_be_an_event(stamp: str, token: str) -> None:
    """Otherwise the unsigned question would let anybody have a forged event signed."""
    proof = QQSign(SECRET).proof(stamp, token)
    if proof is not None:
        assert (stamp + token).isascii()
        assert not set(stamp + token) & set('{}[]": \n')


def test_a_proof_that_was_asked_for_opens_no_door() -> None:
    sign = QQSign(SECRET)
    forged = json.dumps({"op": 0, "t": "C2C_MESSAGE_CREATE"}).encode()
    assert sign.proof("1725442341", forged.decode()) is None
    assert sign.proof("17254{", "x") is None
    assert not sign.valid(PROOF, "1725442341", forged)


@given(secret=st.text("abcXYZ019", min_size=1, max_size=70), body=st.binary(max_size=50))
def test_every_secret_signs_and_any_change_breaks_it(secret: str, body: bytes) -> None:
    seed = (secret * 32)[:32].encode()
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(b"17" + body).hex()
    sign = QQSign(secret)
    assert sign.valid(signature, "17", body)
    assert not sign.valid(signature, "18", body)
    assert not sign.valid(signature, "17", body + b" ")
    assert not sign.valid(signature[:-2], "17", body)
    assert not sign.valid("no hex", "17", body)


@given(
    kind=st.sampled_from(["GROUP_AT_MESSAGE_CREATE", "C2C_MESSAGE_CREATE", "GROUP_ADD_ROBOT"]),
    data=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda s: (
            st.lists(s)
            | st.dictionaries(
                st.sampled_from(
                    ["id", "author", "content", "timestamp", "group_openid", "mentions"]
                ),
                s,
            )
        ),
    ),
)
def test_no_event_breaks_the_reader(kind: str, data: object) -> None:
    try:
        event(kind, data, channel="c", account="a", ignore=frozenset())
    except Unreadable:
        pass


def test_the_address_check_is_answered_as_documented() -> None:
    async def work(rig: QQRig) -> None:
        answer = await rig.client.post(PATH, json=QUESTION, headers={"X-Bot-Appid": APP_ID})
        assert answer.json() == {"plain_token": "Arq0D5A61EgUu4OxUvOp", "signature": PROOF}
        for d in (
            {},
            {"plain_token": '{"op":0}', "event_ts": "1"},
            {"plain_token": 7, "event_ts": 1},
        ):
            refused = await rig.client.post(PATH, json={"op": 13, "d": d})
            assert (refused.status_code, refused.content) == (401, b"")
        assert (await rig.client.get(PATH)).status_code == 405

    rigged(work)
