"""The first start of the S3 server that the compose file runs, and what it leaves allowed."""

import json
import subprocess
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from minio import Minio
from minio.commonconfig import CopySource
from minio.deleteobjects import DeleteObject
from minio.error import S3Error
from minio.versioningconfig import VersioningConfig

from services.chassis.storage.minio_artifacts import s3_client
from tests.deployed_s3 import BUCKET, IDENTITIES, KEYS, DeployedS3, first_start, keys_under, put
from tests.servers import answers, executable, free_port

pytestmark = pytest.mark.timeout(180)

ANYBODY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*"}]}
SOURCE = CopySource(BUCKET, "blobs/secret")

NOBODY_MAY: dict[str, Callable[[Minio], object]] = {
    "make a bucket": lambda client: client.make_bucket("another"),
    "delete the bucket": lambda client: client.remove_bucket(BUCKET),
    "write to another bucket": lambda client: put(client, "key", bucket="private"),
    "read from another bucket": lambda client: client.get_object("private", "key"),
    "list another bucket": lambda client: list(client.list_objects("private")),
    "open the bucket to everybody": lambda client: client.set_bucket_policy(
        BUCKET, json.dumps(ANYBODY)
    ),
    "keep old versions": lambda client: client.set_bucket_versioning(
        BUCKET, VersioningConfig("Enabled")
    ),
    "let objects expire": lambda client: client.delete_bucket_lifecycle(BUCKET),
    "copy from another bucket": lambda client: client.copy_object(
        BUCKET, "inbox/ada/stolen", CopySource("private", "key")
    ),
}
DROPPERS_MAY_NOT: dict[str, Callable[[Minio], object]] = {
    "read an artifact": lambda client: client.get_object(BUCKET, "blobs/secret"),
    "learn of an artifact": lambda client: client.stat_object(BUCKET, "blobs/secret"),
    "write an artifact": lambda client: put(client, "blobs/forged"),
    "write beside the inbox": lambda client: put(client, "inbox-2/ada/talk.mp4"),
    "list artifacts": lambda client: keys_under(client, "blobs/"),
    "list everything": keys_under,
    "list what begins like the inbox": lambda client: keys_under(client, "inbo"),
    "delete a drop": lambda client: client.remove_object(BUCKET, "inbox/ada/first.mp4"),
    "copy an artifact out": lambda client: client.copy_object(BUCKET, "inbox/ada/stolen", SOURCE),
    "upload an artifact in parts": lambda client: client.put_object(
        BUCKET, "blobs/large", BytesIO(bytes(6 << 20)), -1, part_size=5 << 20
    ),
}
SPEECH_MAY_NOT: dict[str, Callable[[Minio], object]] = {
    "grant itself a consent": lambda client: put(client, "consents/forged/granted.json"),
    "read the words of a consent": lambda client: client.get_object(BUCKET, "consents/a/granted"),
    "forget that a consent was withdrawn": lambda client: client.remove_object(
        BUCKET, "consents/a/withdrawn.json"
    ),
    "put a model in": lambda client: put(client, "models/joe/1/config.json"),
    "delete a model": lambda client: client.remove_object(BUCKET, "models/joe/1/config.json"),
    "delete an artifact": lambda client: client.remove_object(BUCKET, "blobs/secret"),
    "change a dataset": lambda client: put(client, "datasets/ada/versions/000001.json"),
    "forge a step": lambda client: put(client, "steps/forged"),
    "drop a video": lambda client: put(client, "inbox/ada/talk.mp4"),
    "read a drop": lambda client: client.get_object(BUCKET, "inbox/ada/first.mp4"),
    "copy a drop out": lambda client: client.copy_object(
        BUCKET, "voices/stolen", CopySource(BUCKET, "inbox/ada/first.mp4")
    ),
}


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedS3]:
    """A server after its first start, with something to protect in it."""
    server = DeployedS3(tmp_path_factory.mktemp("s3"))
    server.start()
    started = server.first_start()
    assert started.returncode == 0, started.stderr
    admin = server.client("admin")
    admin.make_bucket("private")
    put(admin, "key", bucket="private")
    put(admin, "blobs/secret")
    put(admin, "inbox/ada/first.mp4")
    yield server
    server.kill()


@pytest.fixture
def own_s3(tmp_path: Path) -> Iterator[DeployedS3]:
    """A server for one test, not started yet."""
    server = DeployedS3(tmp_path / "s3")
    yield server
    server.kill()


@pytest.mark.parametrize("who", ["services", "inference", "drop"])
@pytest.mark.parametrize("deed", NOBODY_MAY)
def test_no_key_but_the_administrators_reaches_beyond_the_bucket(
    s3: DeployedS3, who: str, deed: str
) -> None:
    with pytest.raises(S3Error) as caught:
        NOBODY_MAY[deed](s3.client(who))
    assert caught.value.code == "AccessDenied"


@pytest.mark.parametrize("deed", DROPPERS_MAY_NOT)
def test_who_drops_videos_may_not(s3: DeployedS3, deed: str) -> None:
    with pytest.raises(S3Error) as caught:
        DROPPERS_MAY_NOT[deed](s3.client("drop"))
    assert caught.value.code == "AccessDenied"
    assert "blobs/forged" not in keys_under(s3.client("admin"))


@pytest.mark.parametrize("deed", SPEECH_MAY_NOT)
def test_who_speaks_may_not(s3: DeployedS3, deed: str) -> None:
    with pytest.raises(S3Error) as caught:
        SPEECH_MAY_NOT[deed](s3.client("inference"))
    assert caught.value.code == "AccessDenied"
    assert "consents/forged/granted.json" not in keys_under(s3.client("admin"))


def test_who_drops_videos_may_not_delete_many_at_once(s3: DeployedS3) -> None:
    doomed = [DeleteObject("inbox/ada/first.mp4"), DeleteObject("blobs/secret")]
    errors = list(s3.client("drop").remove_objects(BUCKET, doomed))
    assert {error.code for error in errors} == {"AccessDenied"}
    assert {"inbox/ada/first.mp4", "blobs/secret"} <= set(keys_under(s3.client("admin")))


def test_who_drops_videos_adds_lists_and_reads_in_the_inbox(s3: DeployedS3) -> None:
    drop = s3.client("drop")
    put(drop, "inbox/bob/talk.mp4", bytes(12 << 20))
    drop.put_object(BUCKET, "inbox/bob/long.mp4", BytesIO(bytes(6 << 20)), -1, part_size=5 << 20)
    assert keys_under(drop, "inbox/bob/") == ["inbox/bob/long.mp4", "inbox/bob/talk.mp4"]
    assert drop.get_object(BUCKET, "inbox/ada/first.mp4").read() == b"1"


def test_nobody_reaches_what_lies_below_s3(s3: DeployedS3) -> None:
    # 127.0.0.2 is this machine, but not the address that the lower parts listen on.
    assert answers(f"http://127.0.0.2:{s3.ports['PORT']}/healthz")
    for name in ("METRICS_PORT", "VOLUME_METRICS_PORT"):
        assert answers(f"http://127.0.0.2:{s3.ports[name]}/metrics")
    for name in ("MASTER_PORT", "VOLUME_PORT", "FILER_PORT"):
        assert not answers(f"http://127.0.0.2:{s3.ports[name]}/")


def test_nobody_makes_himself_an_administrator_over_the_servers_grpc(s3: DeployedS3) -> None:
    keys = {"access_key": "eve", "secret_key": "secret-of-eve"}
    stranger = {"name": "eve", "actions": ["Admin"], "credentials": [keys]}
    method = "messaging_pb.SeaweedS3IamCache/PutIdentity"
    address = f"127.0.0.1:{s3.ports['PORT'] + 10_000}"
    for encryption in ("-plaintext", "-insecure"):
        command = [executable("grpcurl"), encryption, "-max-time", "3", "-d"]
        ended = subprocess.run(
            [*command, json.dumps({"identity": stranger}), address, method],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Failed to dial" in ended.stderr
    with pytest.raises(S3Error, match="InvalidAccessKeyId"):
        s3_client(s3.endpoint_url, "eve", "secret-of-eve").list_buckets()


def test_a_second_start_changes_nothing(s3: DeployedS3) -> None:
    admin = s3.client("admin")
    before = {bucket.name for bucket in admin.list_buckets()}, keys_under(admin)
    again = s3.first_start()
    assert again.returncode == 0
    assert "made" not in again.stderr
    assert ({bucket.name for bucket in admin.list_buckets()}, keys_under(admin)) == before


def test_a_key_that_the_server_does_not_know_is_named_in_one_line(s3: DeployedS3) -> None:
    for who in ("admin", "services", "inference", "drop"):
        ended = s3.first_start(**{f"S3_{who.upper()}_SECRET_KEY": "something-else"})
        assert ended.returncode == 1
        assert ended.stderr.count("\n") == 1
        assert f"the server does not take the {who} key (SignatureDoesNotMatch)" in ended.stderr


def test_a_key_that_may_do_too_much_is_told(tmp_path: Path, own_s3: DeployedS3) -> None:
    lax = json.loads(IDENTITIES.read_text())
    (document,) = (each["document"] for each in lax["policies"] if each["name"] == "drop")
    document["Statement"][2]["Action"].append("s3:DeleteObject")
    document["Statement"][2]["Resource"] = [f"arn:aws:s3:::{BUCKET}/*"]
    own_s3._identities = tmp_path / "identities.json"
    own_s3._identities.write_text(json.dumps(lax))
    own_s3.start()
    ended = own_s3.first_start()
    assert ended.returncode == 1
    for deed in ("delete", "write outside inbox/"):
        assert f"the drop key can {deed}, which it must not" in ended.stderr
    assert "services" not in ended.stderr
    assert "inference" not in ended.stderr
    assert keys_under(own_s3.client("admin")) == []


def test_other_secrets_take_effect_and_the_artifacts_stay(own_s3: DeployedS3) -> None:
    own_s3.start()
    assert own_s3.first_start().returncode == 0
    old = own_s3.client("services")
    put(old, "blobs/kept", b"kept")

    assert own_s3.stop() == 0
    own_s3.keys |= {
        "S3_SERVICES_SECRET_KEY": "another secret with \"quotes\" and 'more'",
        "S3_DROP_ACCESS_KEY": "another-name",
    }
    own_s3.start()

    assert own_s3.first_start().returncode == 0
    with pytest.raises(S3Error, match="SignatureDoesNotMatch"):
        keys_under(old, "blobs/")
    assert own_s3.client("services").get_object(BUCKET, "blobs/kept").read() == b"kept"


def test_artifacts_survive_that_the_server_is_killed(own_s3: DeployedS3) -> None:
    own_s3.start()
    assert own_s3.first_start().returncode == 0
    services = own_s3.client("services")
    contents = {f"blobs/{n}": bytes([n]) * (n << 16) for n in range(1, 20)}
    for key, content in contents.items():
        put(services, key, content)
    own_s3.kill()
    own_s3.start()
    assert own_s3.first_start().returncode == 0
    for key, content in contents.items():
        assert services.get_object(BUCKET, key).read() == content


def test_the_server_does_not_start_without_a_key(own_s3: DeployedS3) -> None:
    own_s3.keys["S3_DROP_SECRET_KEY"] = ""
    with pytest.raises(AssertionError, match="ended at once"):
        own_s3.start()
    assert own_s3.log == "s3: S3_DROP_SECRET_KEY is not set: see .env.example\n"


def test_a_server_that_does_not_come_is_waited_for_and_then_named() -> None:
    endpoint = f"http://127.0.0.1:{free_port()}"
    ended = first_start({**KEYS, "S3_ENDPOINT": endpoint, "S3_WAIT_SECONDS": "3"})
    assert ended.returncode == 1
    first, last = ended.stderr.splitlines()
    assert first.startswith(f"s3-init: waiting for {endpoint}: ")
    assert last.startswith(f"s3-init: {endpoint} is not ready: ")


def test_secrets_that_everybody_knows_are_refused_where_others_can_reach_them(
    s3: DeployedS3,
) -> None:
    known = {"NATS_MEDIA_PASSWORD": "local-only-media"}
    ended = s3.first_start(PUBLISH_ADDRESS="203.0.113.7", **known)
    assert ended.returncode == 2
    assert "NATS_MEDIA_PASSWORD is empty or still the default" in ended.stderr
    assert "local-only-media" not in ended.stderr
