"""Runflow's assets: the upload flow of the SDK by hand, references in inputs, data URIs that become references."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from driving import ORIGIN, Emulator, slowly
from providers.runflow_refusals import NO_THING, THEIRS, session, uploaded
from providers.samples import IMAGE, RUNFLOW, job_id
from screentest.input_files.data_uri import content as data_uri_content
from unit.pictures import data_uri

ASSETS, UPLOADS, RUNS = "/runflow/v1/assets", "/runflow/v1/asset-uploads", "/runflow/v1/runs"
ASSET = {
    *("id", "org_id", "folder_id", "name", "r2_key", "url", "thumbnail_url", "mime_type", "size_bytes", "asset_type"),
    *("source_type", "source_id", "created_by", "created_at", "updated_at", "deleted_at", "deleted_by"),
    "created_by_user",
}
LINK = re.compile(rf"{ORIGIN}/runflow/v1/asset-files/[0-9a-f-]{{36}}\?expires=\d+&signature=[0-9a-f]{{32}}")
PNG = {"content-type": "image/png"}


def test_the_flow_of_the_sdk(emulator: Emulator) -> None:
    """Session 201, PUT without a key, confirmation 201 with the asset, whose link has the bytes."""
    opened = emulator.post(UPLOADS, {"filename": "a b.png", "mime_type": "image/png", "size_bytes": 4})
    assert (opened.status, set(opened.json())) == (201, {"asset_id", "upload_url"})
    asset_id, url = opened.json()["asset_id"], opened.json()["upload_url"]
    assert emulator.request("PUT", url, raw=b"abc", key=None, headers=PNG).status == 200
    confirmed = emulator.post(f"{UPLOADS}/{asset_id}/confirmations")
    asset = confirmed.json()
    assert (confirmed.status, set(asset)) == (201, ASSET)
    assert (asset["id"], asset["name"], asset["mime_type"]) == (asset_id, "a b.png", "image/png")
    assert (asset["size_bytes"], asset["asset_type"], asset["source_type"]) == (3, "image", "upload")
    assert LINK.fullmatch(asset["url"])
    file = emulator.get(asset["url"], key=None)
    assert (file.status, file.body, file.headers["content-type"]) == (200, b"abc", "image/png")
    assert emulator.get(f"{ASSETS}/{asset_id}").json() == asset


def test_the_upload_url_follows_the_public_url() -> None:
    """The SDK refuses an upload URL that is not https: --public-url gives it one."""
    emulator = Emulator(public_url="https://runflow.test:8443")
    assert session(emulator)["upload_url"].startswith("https://runflow.test:8443/runflow/v1/asset-files/")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"filename": ""}, "filename"),
        ({"filename": "x" * 501}, "filename"),
        ({"mime_type": "text/html"}, "mime_type"),
        ({"mime_type": "image/" + "x" * 250}, "mime_type"),
        ({"size_bytes": 0}, "size_bytes"),
        ({"size_bytes": 52428801}, "size_bytes"),
        ({"size_bytes": "9"}, "size_bytes"),
    ],
)
def test_what_a_session_refuses(emulator: Emulator, changes: dict[str, Any], field: str) -> None:
    """422 naming the field: too big, or of a type that is not taken."""
    body = {"filename": "a.png", "mime_type": "image/png", "size_bytes": 52428800}
    assert emulator.post(UPLOADS, body).status == 201
    answer = emulator.post(UPLOADS, body | changes)
    assert (answer.status, answer.json()["errors"][0]["loc"]) == (422, ["body", field])


@pytest.mark.parametrize("content_type", ["image/jpeg", "", "IMAGE/PNG"])
def test_an_upload_is_as_declared(emulator: Emulator, content_type: str) -> None:
    """403 for another content type than the session's."""
    url = session(emulator)["upload_url"]
    assert emulator.request("PUT", url, raw=b"x", headers={"content-type": content_type}).status == 403


def test_confirming(emulator: Emulator) -> None:
    """Not before the upload; twice is the same asset; a folder is kept; nobody else's session can be confirmed."""
    opened = session(emulator)
    path = f"{UPLOADS}/{opened['asset_id']}/confirmations"
    assert emulator.post(path).json()["code"] == "CONFLICT"
    emulator.request("PUT", opened["upload_url"], raw=b"x", headers=PNG)
    assert emulator.post(path, key=THEIRS).status == 404
    first = emulator.post(path, {"folder_id": NO_THING})
    assert (first.status, first.json()["folder_id"]) == (201, NO_THING)
    assert emulator.post(path, {"folder_id": None}).json() == first.json()


def test_assets_are_listed_and_deleted(emulator: Emulator) -> None:
    """Confirmed ones only, the newest first, filtered as any list; a deleted one is gone with its file."""
    session(emulator)
    first = uploaded(emulator, b"1")
    emulator.advance(1)
    second = uploaded(emulator, b"22")
    assert [one["id"] for one in emulator.get(ASSETS).json()["items"]] == [second["id"], first["id"]]
    assert [one["id"] for one in emulator.get(ASSETS, query={"q": "size_bytes>1"}).json()["items"]] == [second["id"]]
    assert emulator.get(ASSETS, key=THEIRS).json()["items"] == []
    assert emulator.request("DELETE", f"{ASSETS}/{first['id']}", key=THEIRS).status == 404
    assert emulator.request("DELETE", f"{ASSETS}/{first['id']}").status == 204
    assert emulator.get(f"{ASSETS}/{first['id']}").status == 404
    assert emulator.get(first["url"]).status == 404
    assert "image" in [one["code"] for one in emulator.get(f"{ASSETS}/types").json()["items"]]


def test_who_made_an_asset(emulator: Emulator) -> None:
    """With embed=created_by_user; the same user as auth/me has."""
    asset = uploaded(emulator)
    assert asset["created_by_user"] is None
    embedded = emulator.get(f"{ASSETS}/{asset['id']}", query={"embed": "created_by_user"}).json()["created_by_user"]
    me = emulator.get("/runflow/v1/auth/me").json()
    assert embedded == {name: me[name] for name in ("id", "email", "first_name", "last_name", "avatar_url")}
    assert asset["created_by"] == me["id"]


def test_a_file_is_served_in_ranges_and_in_its_sandbox(emulator: Emulator) -> None:
    """Part of it when asked for; what somebody uploaded cannot run on the emulator's origin."""
    url = uploaded(emulator, b"0123456789")["url"]
    part = emulator.get(url, headers={"range": "bytes=2-4"})
    assert (part.status, part.body) == (206, b"234")
    assert part.headers["content-security-policy"] == "sandbox"


@pytest.mark.parametrize("kind", ["image/\u99ac", "image/png\r\nset-cookie: a=b", "x", "text/html; charset=x"])
def test_an_odd_type_is_not_repeated_in_a_header(emulator: Emulator, kind: str) -> None:
    """Whatever a data URI calls itself, its link answers with the bytes."""
    uri = f"data:{kind};base64,AAAA"
    link = emulator.post(RUNFLOW.path, RUNFLOW.body() | {"metadata": {"a": uri}}).json()["metadata"]["a"]
    file = emulator.get(link)
    assert (file.status, file.body, "set-cookie" in file.headers) == (200, b"\0\0\0", False)


@pytest.mark.parametrize("query", ["", "?expires=", "?expires=x", "?expires=" + "9" * 40, "?expires=9999999999"])
def test_a_link_without_its_time_is_none(emulator: Emulator, query: str) -> None:
    """403."""
    url = uploaded(emulator)["url"].partition("?")[0]
    assert emulator.get(url + query).status == 403


def test_every_read_of_an_asset_signs_anew(emulator: Emulator) -> None:
    """Seven days from the read."""
    asset = uploaded(emulator)
    emulator.advance(7 * 86400 + 1)
    assert emulator.get(asset["url"]).status == 403
    assert emulator.get(emulator.get(f"{ASSETS}/{asset['id']}").json()["url"]).status == 200


def test_a_reference_in_an_input(emulator: Emulator) -> None:
    """Taken when the asset is the caller's; the run shows a link in its place, signed at each read."""
    asset = uploaded(emulator)
    answer = RUNFLOW.send(emulator, image_urls=[IMAGE, f"runflow://assets/{asset['id']}"])
    assert answer.status == 201
    shown = answer.json()["input"]["image_urls"]
    assert (shown[0], bool(LINK.fullmatch(shown[1]))) == (IMAGE, True)
    assert emulator.get(shown[1]).body == emulator.get(asset["url"]).body
    emulator.advance(1000)
    later = emulator.get(f"{RUNS}/{answer.json()['id']}").json()["input"]["image_urls"]
    assert later[1] != shown[1]


@pytest.mark.parametrize(("width", "ends"), [(500, "succeeded"), (300, "failed")])
def test_the_file_behind_a_reference_is_looked_at(emulator: Emulator, width: int, ends: str) -> None:
    """As any input: a side of 300 pixels is too short for this model."""
    asset = uploaded(emulator, data_uri_content(data_uri(width, 500)))
    run = job_id(RUNFLOW.send(emulator, image_urls=[f"runflow://assets/{asset['id']}"]))
    emulator.advance(60)
    assert emulator.get(f"{RUNS}/{run}").json()["status_code"] == ends


@pytest.mark.parametrize("kind", ["unknown", "foreign", "unconfirmed", "deleted", "odd"])
def test_a_reference_to_nothing(emulator: Emulator, kind: str) -> None:
    """422 in the documented words, with its place; no run is made."""
    made = {"unknown": NO_THING, "odd": "a/b?c"}.get(kind)
    if kind == "unconfirmed":
        made = session(emulator)["asset_id"]
    made = made or uploaded(emulator)["id"]
    if kind == "deleted":
        emulator.request("DELETE", f"{ASSETS}/{made}")
    reference = f"runflow://assets/{made}"
    key = THEIRS if kind == "foreign" else "sk-test"
    answer = RUNFLOW.send(emulator, image_urls=[IMAGE, reference], key=key)
    said = answer.json()
    assert (answer.status, said["message"]) == (422, f"asset not found or expired: {reference}")
    assert said["errors"][0]["loc"] == ["body", "input", "image_urls", 1]
    assert emulator.get(RUNS, key=key).json()["items"] == []
    in_metadata = emulator.post(RUNFLOW.path, RUNFLOW.body() | {"metadata": {"a": [reference]}}, key=key)
    assert in_metadata.json()["errors"][0]["loc"] == ["body", "metadata", "a", 0]


def test_a_data_uri_becomes_an_asset(emulator: Emulator) -> None:
    """In input and metadata: the run shows links to assets with the content; the same file twice is one asset."""
    picture = data_uri(500, 500)
    body = RUNFLOW.body(image_urls=[picture, picture]) | {"metadata": {"cover": {"image": picture}, "n": 1}}
    run = emulator.post(RUNFLOW.path, body).json()
    links = [*run["input"]["image_urls"], run["metadata"]["cover"]["image"]]
    assert len(set(links)) == 1
    assert LINK.fullmatch(links[0])
    assert emulator.get(links[0], key=None).body.startswith(b"\x89PNG")
    (asset,) = emulator.get(ASSETS).json()["items"]
    assert (asset["mime_type"], asset["source_type"], asset["url"]) == ("image/png", "inline", links[0])
    assert run["metadata"]["n"] == 1


def test_a_data_uri_that_cannot_be_read_stays(emulator: Emulator) -> None:
    """It is for the generation to stumble over."""
    broken = "data:image/png;base64,!!!"
    assert RUNFLOW.send(emulator, image_urls=[broken]).json()["input"]["image_urls"] == [broken]
    assert emulator.get(ASSETS).json()["items"] == []


@pytest.mark.parametrize("text", ["Data: a dashboard of numbers, slow zoom", "data:2026-11-22,batch 7", "data:a/b"])
def test_text_that_only_begins_like_a_data_uri(emulator: Emulator, text: str) -> None:
    """It stays what it is, in the input and in metadata."""
    run = emulator.post(RUNFLOW.path, RUNFLOW.body(prompt=text) | {"metadata": {"note": text}}).json()
    assert (run["input"]["prompt"], run["metadata"]["note"]) == (text, text)
    about = "runflow://assets/ is a scheme, drawn in neon"
    assert RUNFLOW.send(emulator, prompt=about).json()["input"]["prompt"] == about
    assert emulator.get(ASSETS).json()["items"] == []


def test_a_client_ref_is_nobodys_file(emulator: Emulator) -> None:
    """It is echoed and found as it was given, even if it is a data URI; so is the receiver's URL."""
    ref = "data:text/plain,batch"
    emulator.post(RUNFLOW.path, RUNFLOW.body() | {"client_ref": ref, "callback_url": "http://127.0.0.1:9/x"})
    (run,) = emulator.get(RUNS, query={"client_ref.eq": ref}).json()["items"]
    assert (run["client_ref"], emulator.get(ASSETS).json()["items"]) == (ref, [])


def test_a_refused_run_keeps_no_files(emulator: Emulator) -> None:
    """Assets of data URIs are stored with their run or not at all."""
    assert RUNFLOW.send(emulator, image_urls=[data_uri(500, 500)], key="empty").status == 402
    assert RUNFLOW.send(emulator, image_urls=[data_uri(500, 500)], duration=99).status == 422
    assert emulator.get(ASSETS, key="empty").json()["items"] == []
    assert emulator.get(ASSETS).json()["items"] == []


def test_callbacks_show_links_too(emulator: Emulator) -> None:
    """Metadata goes out as it is read."""
    hook = {"callback_url": "http://127.0.0.1:9/x", "metadata": {"image": data_uri(500, 500)}}
    run = job_id(emulator.post(RUNFLOW.path, RUNFLOW.body() | hook))
    emulator.advance(60)
    assert run.encode() in emulator.posted[0][1]
    assert b"data:" not in emulator.posted[0][1]


def test_content_that_comes_late_undoes_nothing(emulator: Emulator) -> None:
    """Another upload was completed and confirmed while this one was on its way: the asset stays confirmed, and tells
    the size of what it has."""
    opened = session(emulator)
    path = urlsplit(opened["upload_url"]).path

    def during() -> None:
        assert emulator.request("PUT", opened["upload_url"], raw=b"first", key=None, headers=PNG).status == 200
        assert emulator.post(f"{UPLOADS}/{opened['asset_id']}/confirmations").status == 201

    assert slowly(emulator, "PUT", path, b"late", PNG, during) == 200
    asset = emulator.get(f"{ASSETS}/{opened['asset_id']}")
    assert (asset.status, asset.json()["size_bytes"]) == (200, 4)
    assert emulator.get(asset.json()["url"]).body == b"late"


def test_content_that_comes_after_the_confirmation(emulator: Emulator) -> None:
    """The upload URL still works: the asset is what came last, its size and the time of its change as well."""
    opened = session(emulator)
    emulator.request("PUT", opened["upload_url"], raw=b"first", key=None, headers=PNG)
    first = emulator.post(f"{UPLOADS}/{opened['asset_id']}/confirmations").json()
    emulator.advance(5)
    emulator.request("PUT", opened["upload_url"], raw=b"the second", key=None, headers=PNG)
    second = emulator.get(f"{ASSETS}/{opened['asset_id']}").json()
    assert (second["size_bytes"], emulator.get(second["url"]).body) == (10, b"the second")
    assert (second["created_at"], second["updated_at"] > first["updated_at"]) == (first["created_at"], True)


def test_content_of_an_asset_that_was_forgotten(emulator: Emulator) -> None:
    """The account was reset while the content was on its way: there is nothing that it could belong to."""
    opened = session(emulator)
    path = urlsplit(opened["upload_url"]).path

    def during() -> None:
        assert emulator.post("/_control/reset").status == 200

    assert slowly(emulator, "PUT", path, b"late", PNG, during) == 404
    assert emulator.post(f"{UPLOADS}/{opened['asset_id']}/confirmations").status == 404
