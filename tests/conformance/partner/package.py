"""MTOM: puts a message and the binary parts that it names into a multipart/related package, and takes one apart."""

import base64
import email
import email.policy
import uuid

from lxml import etree

from names import NAMESPACES, q

DEFAULTS = {
    "optimize": ["attachment"],
    "include": '<xop:Include xmlns:xop="{xop}" href="{href}"/>',
    "href": "cid:{cid}",
    "cid": "czesc-{name}@partner.test",
    "content_id": "<{cid}>",
    "transfer": "binary",
    "start": "<koperta@partner.test>",
    "type": "application/xop+xml",
    "root_type": 'application/xop+xml; charset=UTF-8; type="{media}"',
    "start_info": "{media}",
    "quote": '"',
    "root_last": False,
    "part_headers": "",
    "preamble": "",
    "epilogue": "",
    "padding": "",
    "closed": True,
    "without": [],
    "tamper": [],
    "extra": [],
}


def pack(text, values, spec, media, encode):
    """The package of a message: each of `values` that is to be optimized becomes a part of its own. Gives body and content type."""
    spec = DEFAULTS | spec
    boundary = spec.get("boundary", "granica-" + uuid.uuid4().hex)
    parts = []
    for name in spec["optimize"]:
        fields = {"name": name, "xop": NAMESPACES["xop"], "media": media}
        fields["cid"] = spec["cid"].format(**fields)
        fields["href"] = spec["href"].format(**fields)
        value = values[name]
        assert value in text, f"the message does not hold {name}"
        text = text.replace(value, spec["include"].format(**fields))
        content = base64.b64decode(value)
        if name in spec["tamper"]:
            content = content[:-1] + bytes([content[-1] ^ 1])
        if name not in spec["without"]:
            parts.append(part(spec["content_id"].format(**fields), content, spec))
    parts += [part(f"<{one['cid']}>", one["content"].encode(), spec) for one in spec["extra"]]
    root = (
        f"Content-Type: {spec['root_type'].format(media=media)}\r\nContent-Transfer-Encoding: 8bit\r\nContent-ID: <koperta@partner.test>\r\n\r\n".encode()
        + encode(text)
    )
    every = [*parts, root] if spec["root_last"] else [root, *parts]
    line = f"--{boundary}".encode()
    body = spec["preamble"].encode()
    for ordinal, one in enumerate(every):
        body += (b"\r\n" if ordinal or body else b"") + line + spec["padding"].encode() + b"\r\n" + one
    body += (b"\r\n" + line + b"--\r\n" + spec["epilogue"].encode()) if spec["closed"] else b""
    mark = spec["quote"]
    content_type = f"multipart/related; boundary={mark}{boundary}{mark}; type=\"{spec['type']}\""
    if spec["start"]:
        content_type += f"; start=\"{spec['start']}\""
    if spec["start_info"]:
        content_type += f"; start-info=\"{spec['start_info'].format(media=media)}\""
    return body, content_type


def part(content_id, content, spec):
    coded = content
    if spec["transfer"] == "base64":
        coded = base64.encodebytes(content).replace(b"\n", b"\r\n")
    head = f"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: {spec['transfer']}\r\nContent-ID: {content_id}\r\n{spec['part_headers']}"
    return head.encode() + b"\r\n" + coded


def unpack(content, content_type):
    """The root part's bytes and a function that puts the other parts in the place of their xop:Include; and what the package says of itself."""
    whole = email.message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + content, policy=email.policy.HTTP)
    parts = list(whole.iter_parts())
    start = whole["Content-Type"].params.get("start")
    root = next(one for one in parts if start is None or one["Content-ID"] == start)
    named = {one["Content-ID"].strip("<>"): one.get_payload(decode=True) for one in parts if one["Content-ID"]}
    says = {
        "type": whole["Content-Type"].params.get("type"),
        "start-info": whole["Content-Type"].params.get("start-info"),
        "root": root.get_content_type(),
        "root-type": root["Content-Type"].params.get("type"),
        "every part has Content-ID and Content-Transfer-Encoding": str(
            all(one["Content-ID"] and one["Content-Transfer-Encoding"] for one in parts)
        ),
        "quoted": str(all(f'{name}="' in content_type for name in ("type", "start-info", "boundary"))),
    }

    def inline(document):
        for include in list(document.iter(q("xop", "Include"))):
            parent = include.getparent()
            parent.remove(include)
            parent.text = base64.b64encode(named[include.get("href").removeprefix("cid:")]).decode()
        return etree.fromstring(etree.tostring(document))

    return root.get_payload(decode=True), inline, says
