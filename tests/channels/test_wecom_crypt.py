"""WeCom's crypto checked against wechatpy in both directions, and bodies that are bombs."""

# pyright: reportUnknownMemberType=false
# wechatpy has no types.
from __future__ import annotations

import base64
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.enterprise.crypto import WeChatCrypto
from wechatpy.enterprise.exceptions import InvalidCorpIdException
from wechatpy.exceptions import InvalidSignatureException

from bot.channels.wecom_crypt import Tampered
from bot.channels.wecom_wire import Unreadable, heard, read_body, read_xml
from tests.channels.wecom_callback_rig import AES_KEY, CORP, EASY, TOKEN


def wechatpy() -> WeChatCrypto:
    return WeChatCrypto(TOKEN, AES_KEY, CORP)


@given(text=st.text(min_size=1), nonce=st.text("0123456789", min_size=1, max_size=12))
def test_wechatpy_reads_what_we_seal(text: str, nonce: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    sealed = EASY.seal(text.encode(), receiver=CORP)
    signature = EASY.signature("1409735669", nonce, sealed)
    read = wechatpy().decrypt_message({"Encrypt": sealed}, signature, "1409735669", nonce)
    assert read == text


@given(
    text=st.text("abc水<>&]漏 \n", min_size=1), nonce=st.text("0123456789", min_size=1, max_size=12)
)
def test_we_read_what_wechatpy_seals(text: str, nonce: str) -> None:
    envelope = read_xml(wechatpy().encrypt_message(text, nonce, "1409735669").encode())
    sealed = envelope["Encrypt"]
    assert EASY.signed(envelope["MsgSignature"], envelope["TimeStamp"], envelope["Nonce"], sealed)
    assert EASY.open(sealed).decode() == text


def test_both_refuse_another_corporation_another_signature_and_a_changed_letter() -> None:
    foreign = EASY.seal(b"x", receiver="ww_other")
    with pytest.raises(Tampered, match="receiver"):
        EASY.open(foreign)
    signature = EASY.signature("1", "2", foreign)
    with pytest.raises(InvalidCorpIdException):
        wechatpy().decrypt_message({"Encrypt": foreign}, signature, "1", "2")
    assert not EASY.signed(signature, "1", "3", foreign)
    with pytest.raises(InvalidSignatureException):
        wechatpy().decrypt_message({"Encrypt": foreign}, signature, "1", "3")


@given(data=st.data())
def test_no_changed_byte_and_no_rubbish_is_opened_as_something_else(data: st.DataObject) -> None:
    raw = bytearray(base64.b64decode(EASY.seal("停水".encode(), receiver=CORP, salt=bytes(16))))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    changed = base64.b64encode(bytes(raw)).decode()
    try:
        opened = EASY.open(changed)
    except Tampered:
        opened = b""
    assert opened in (b"", "停水".encode()) or place < 48
    assert not EASY.signed(EASY.signature("1", "2", "x"), "1", "2", changed)


@given(sealed=st.text(max_size=100))
def test_rubbish_is_tampered_with_and_nothing_worse(sealed: str) -> None:
    with pytest.raises(Tampered):
        EASY.open(sealed)


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>',
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd"><xml/>',
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><a>&f;</a></xml>',
        b"<xml><a>&unknown;</a></xml>",
        b"<xml><a></xml>",
        b"<a>" * 5000,
        b"{" * 100_000,
        b'{"a":' * 100_000,
        b"[1]",
        b"",
        b"\xff\xfe<xml/>",
    ],
)
def test_bombs_entities_and_rubbish_are_refused_quickly(body: bytes) -> None:
    begun = time.perf_counter()
    with pytest.raises(Unreadable):
        read_body(body)
    assert time.perf_counter() - begun < 1


@given(body=st.binary(max_size=200))
def test_no_body_breaks_the_reader(body: bytes) -> None:
    try:
        fields = read_body(body)
        heard(
            fields,
            channel="c",
            account="a",
            now=datetime(2026, 1, 1, tzinfo=UTC),
            ignore=frozenset(),
        )
    except Unreadable:
        pass
