"""Who may do what in the bucket, as S3 policies; pure.

A server with static credentials is told the same by deploy/s3/identities.json. There the services
have SeaweedFS' own rights for their objects instead: its policies match no key with a line break,
and a file in the watched folder may be called anything.
"""

from typing import Any

INBOX = "inbox/"
SPEECH_READS = ("blobs/", "licences/", "models/", "voices/")
SPEECH_WRITES = ("blobs/", "licences/", "voices/")
SPEECH_DELETES = ("voices/",)

Policy = dict[str, Any]

READ = ["s3:GetObject"]
WRITE = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"]
ON_BUCKET = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]


def services_policy(bucket: str) -> Policy:
    """Allows everything that a service does with objects, and nothing with buckets."""
    return _policy(
        _allowed(ON_BUCKET, _arn(bucket)),
        _allowed([*READ, *WRITE, "s3:DeleteObject"], _arn(bucket, "*")),
    )


def inference_policy(bucket: str) -> Policy:
    """Allows what speech takes: to read models and to keep voices.

    It loads models that others made and answers whoever asks, so it is kept from the rest, and
    cannot grant itself a consent. It may list everything: whoever may not is told "denied" of what
    is merely not there.
    """
    return _policy(
        _allowed(ON_BUCKET, _arn(bucket)),
        _allowed(READ, *(_arn(bucket, f"{each}*") for each in SPEECH_READS)),
        _allowed(WRITE, *(_arn(bucket, f"{each}*") for each in SPEECH_WRITES)),
        _allowed(["s3:DeleteObject"], *(_arn(bucket, f"{each}*") for each in SPEECH_DELETES)),
    )


def drop_policy(bucket: str) -> Policy:
    """Allows to add, list and read what lies under inbox/, and to take nothing away."""
    listing = _allowed(["s3:ListBucket"], _arn(bucket))
    listing["Condition"] = {"StringLike": {"s3:prefix": [INBOX + "*"]}}
    return _policy(
        _allowed(["s3:GetBucketLocation"], _arn(bucket)),
        listing,
        _allowed([*READ, *WRITE], _arn(bucket, INBOX + "*")),
    )


def _policy(*statements: Policy) -> Policy:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allowed(actions: list[str], *resources: str) -> Policy:
    return {"Effect": "Allow", "Action": sorted(actions), "Resource": list(resources)}


def _arn(bucket: str, key: str = "") -> str:
    return f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}"
