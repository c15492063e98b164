"""Canonical forms of an element by libxml2 as lxml brings it, and for the exclusive form by Python's own writer as well."""

import io
import re
import xml.etree.ElementTree as standard

from lxml import etree

PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, strip_cdata=True, huge_tree=True)
XML = "{http://www.w3.org/XML/1998/namespace}"


def parse(text):
    """Bytes as they come; in a text the declaration's encoding is of no account."""
    if isinstance(text, str):
        text = re.sub(r"^\s*<\?xml .*?\?>", "", text).encode()
    return etree.fromstring(text, PARSER)


def detached(element):
    """The element as a document of its own; every namespace that is in scope is declared on it."""
    return parse(etree.tostring(element, with_tail=False))


def exclusive(element, prefixes=()):
    """Exclusive XML Canonicalization 1.0 without comments."""
    alone = detached(element)
    listed = [prefix for prefix in prefixes if prefix != "#default"]
    form = etree.tostring(alone, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=listed or None)
    if not prefixes:
        out = io.StringIO()
        standard.canonicalize(etree.tostring(alone), out=out)
        assert out.getvalue().encode() == form, "two writers of the canonical form disagree"
    default = alone.nsmap.get(None)
    if "#default" in prefixes and default:
        # lxml passes over prefixes that are no names.
        assert all(one.nsmap.get(None) == default and one.prefix for one in alone.iter("*")), "only the simplest case is known here"
        form = with_default_namespace(form, default)
    return form


def inclusive(element, version="1.0"):
    """Canonical XML 1.0 or 1.1 without comments; they differ in what an apex inherits of the attributes xml:*."""
    alone = detached(element)
    for ancestor in element.iterancestors():
        for attribute, value in ancestor.attrib.items():
            if attribute.startswith(XML) and attribute not in alone.attrib and (version == "1.0" or attribute != XML + "id"):
                alone.set(attribute, value)
    return etree.tostring(alone, method="c14n", exclusive=False, with_comments=False)


def with_default_namespace(form, namespace=""):
    """A canonical form whose apex says what its default namespace is."""
    tag = form[: form.index(b">")]
    if b' xmlns="' in tag:
        return form
    name = len(tag.split(b" ")[0])
    return form[:name] + f' xmlns="{namespace}"'.encode() + form[name:]
