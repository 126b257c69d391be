"""Messages of the contract as programs read them."""

from google.protobuf import json_format
from google.protobuf.message import Message


def message_payload(message: Message) -> dict[str, object]:
    """Returns a message for programs, with the field names of the contract."""
    fields: dict[str, object] = json_format.MessageToDict(message, preserving_proto_field_name=True)
    return fields
