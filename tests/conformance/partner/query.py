"""Questions to an XML document: XPath with the prefixes of names.py; `soap` is the namespace of the root."""

import re

from lxml import etree

from canonical import parse
from names import NAMESPACES


def ask(content, xpath):
    """What a document, a WSDL say, answers."""
    return {"xpath": evaluate(parse(content), xpath, {})}


def evaluate(document, xpath, values):
    """A truth value or a list of texts for each expression; `$task` and `$message_id` are of the request."""
    prefixes = NAMESPACES | {"soap": etree.QName(document).namespace or "urn:none"}
    words = {name: value for name, value in values.items() if isinstance(value, str)}
    said = []
    for expression in xpath:
        wanted = {name: words[name] for name in re.findall(r"\$(\w+)", expression)}
        found = document.xpath(expression, namespaces=prefixes, **wanted)
        said.append([str(one) for one in found] if isinstance(found, list) else found)
    return said
