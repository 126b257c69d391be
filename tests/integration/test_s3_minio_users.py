"""The first start of a server of MinIO's kind, which is told its users."""

import pytest
from minio.error import S3Error

from tests.deployed_s3 import BUCKET, keys_under, put
from tests.minio_server import MinioServer, minio_server

__all__ = ["minio_server"]

pytestmark = pytest.mark.timeout(120)


def test_users_may_do_what_they_must_and_a_second_start_changes_nothing(
    minio_server: MinioServer,
) -> None:
    first, second = minio_server.first_start(), minio_server.first_start()
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert f"made the bucket {BUCKET}" in first.stderr
    assert second.stderr.count("\n") == 1
    put(minio_server.client("services"), "blobs/secret")
    put(minio_server.client("drop"), "inbox/ada/talk.mp4")
    with pytest.raises(S3Error, match="AccessDenied"):
        minio_server.client("drop").get_object(BUCKET, "blobs/secret")


def test_another_secret_takes_effect_at_once(minio_server: MinioServer) -> None:
    old = minio_server.client("drop")
    minio_server.keys |= {"S3_DROP_SECRET_KEY": "another-secret"}
    assert minio_server.first_start().returncode == 0
    with pytest.raises(S3Error, match="SignatureDoesNotMatch"):
        keys_under(old, "inbox/")
    keys_under(minio_server.client("drop"), "inbox/")


def test_another_access_key_takes_the_place_of_the_old_one(minio_server: MinioServer) -> None:
    old = minio_server.client("services")
    minio_server.keys["S3_SERVICES_ACCESS_KEY"] = "another-name"
    assert minio_server.first_start().returncode == 0
    with pytest.raises(S3Error, match="InvalidAccessKeyId"):
        keys_under(old, "blobs/")
    keys_under(minio_server.client("services"), "blobs/")


def test_a_server_that_has_other_users_than_wanted_is_told(minio_server: MinioServer) -> None:
    ended = minio_server.first_start(S3_CREDENTIALS="static", S3_DROP_ACCESS_KEY="nobody")
    assert ended.returncode == 1
    assert "the server does not take the drop key (InvalidAccessKeyId)" in ended.stderr


def test_the_root_users_key_must_be_right(minio_server: MinioServer) -> None:
    ended = minio_server.first_start(S3_ADMIN_SECRET_KEY="something-else")  # noqa: S106
    assert ended.returncode == 1
    assert "the server does not take the admin key (SignatureDoesNotMatch)" in ended.stderr
