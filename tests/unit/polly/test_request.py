"""Requests for speech."""

from __future__ import annotations

import pytest

from polykernel_polly.request import RequestError, parse

HELLO = '"text": "größer ≥ 東京", "voiceId": "Mizuki"'


def test_what_is_left_out_is_as_it_always_was() -> None:
    assert parse(f"{{{HELLO}}}") == {
        "Text": "größer ≥ 東京",
        "VoiceId": "Mizuki",
        "TextType": "text",
        "OutputFormat": "ogg_vorbis",
    }


def test_all_that_can_be_asked_for_is_passed_on() -> None:
    more = (
        '"engine": "neural", "languageCode": "ja-JP", "sampleRate": 16000, '
        '"textType": "ssml", "outputFormat": "mp3", "lexiconNames": ["w3c"]'
    )
    parameters = parse(f" {{{HELLO}, {more}}} \n")
    assert parameters["Engine"] == "neural"
    assert parameters["LanguageCode"] == "ja-JP"
    assert parameters["SampleRate"] == "16000"
    assert parameters["TextType"] == "ssml"
    assert parameters["OutputFormat"] == "mp3"
    assert parameters["LexiconNames"] == ["w3c"]


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("", "the request is not JSON: Expecting value"),
        ('{"text": "x"', "the request is not JSON: Expecting ',' delimiter: line 1 column 13"),
        ("[" * 100_000, "the request is not JSON"),
        ("[]", "the request is no JSON object"),
        ("null", "the request is no JSON object"),
        ('{"text": "x"}', "the request lacks 'voiceId'; send one like {"),
        ('{"voiceId": "Joanna"}', "the request lacks 'text'"),
        (f'{{{HELLO}, "voice": 1}}', "a request has no 'voice'; it has text, voiceId, "),
        ('{"text": 3, "voiceId": "x"}', "'text' must be a text, not 3"),
        (f'{{{HELLO}, "engine": null}}', "'engine' must be a text, not None"),
        (f'{{{HELLO}, "sampleRate": true}}', "'sampleRate' must be a text, not True"),
        (f'{{{HELLO}, "lexiconNames": "w3c"}}', "'lexiconNames' must be a list of texts"),
        (f'{{{HELLO}, "lexiconNames": [1]}}', "'lexiconNames' must be a text, not 1"),
    ],
)
def test_what_is_no_request_is_told(code: str, says: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse(code)
    assert str(caught.value).startswith(says)


@pytest.mark.parametrize("key", ["accessKeyId", "SecretAccessKey", "sessionToken", "credentials"])
def test_credentials_are_not_taken_and_not_repeated(key: str) -> None:
    with pytest.raises(RequestError, match="credentials are the kernel's") as caught:
        parse(f'{{{HELLO}, "{key}": "hush"}}')
    assert "hush" not in str(caught.value)
