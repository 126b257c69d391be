"""Who may do what in the bucket, as S3 policies; pure.

A server with static credentials is told the same by deploy/s3/identities.json. There the services
have SeaweedFS' own rights for their objects instead: its policies match no key with a line break,
and a file in the watched folder may be called anything.
"""

from typing import Any

INBOX = "inbox/"

Policy = dict[str, Any]

READ_AND_WRITE = [
    "s3:AbortMultipartUpload",
    "s3:GetObject",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
]


def services_policy(bucket: str) -> Policy:
    """Allows everything that a service does with objects, and nothing with buckets."""
    on_bucket = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
    on_objects = sorted([*READ_AND_WRITE, "s3:DeleteObject"])
    return _policy(
        _allowed(on_bucket, _arn(bucket)),
        _allowed(on_objects, _arn(bucket, "*")),
    )


def drop_policy(bucket: str) -> Policy:
    """Allows to add, list and read what lies under inbox/, and to take nothing away."""
    listing = _allowed(["s3:ListBucket"], _arn(bucket))
    listing["Condition"] = {"StringLike": {"s3:prefix": [INBOX + "*"]}}
    return _policy(
        _allowed(["s3:GetBucketLocation"], _arn(bucket)),
        listing,
        _allowed(READ_AND_WRITE, _arn(bucket, INBOX + "*")),
    )


def _policy(*statements: Policy) -> Policy:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allowed(actions: list[str], resource: str) -> Policy:
    return {"Effect": "Allow", "Action": actions, "Resource": [resource]}


def _arn(bucket: str, key: str = "") -> str:
    return f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}"
