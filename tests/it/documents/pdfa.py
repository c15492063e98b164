"""Checks the structure of a PDF/A-2u file and prints a line for each check: `name: ok`, or what is wrong."""

import re
import sys

import pikepdf
from pikepdf import Name

SHOWING = {"Tj", "TJ", "'", '"', "f", "F", "f*", "S", "s", "B", "b", "Do", "sh"}
DEVICE_COLOURS = {"g", "G", "rg", "RG", "k", "K"}


def structure(pdf):
    """All structure elements, parents before children."""
    todo, found = [pdf.Root.StructTreeRoot], []
    while todo:
        element = todo.pop(0)
        found.append(element)
        children = element.get("/K", [])
        children = list(children) if isinstance(children, pikepdf.Array) else [children]
        todo.extend(child for child in children if isinstance(child, pikepdf.Dictionary))
    return [element for element in found if "/S" in element]


def of_kind(pdf, *kinds):
    return [element for element in structure(pdf) if str(element.S) in kinds]


def children(element):
    inside = element.get("/K", [])
    return list(inside) if isinstance(inside, pikepdf.Array) else [inside]


def all_objects(pdf):
    return [one for one in pdf.objects if isinstance(one, (pikepdf.Dictionary, pikepdf.Stream))]


def version(pdf, raw, xmp):
    first, second = raw.split(b"\n")[:2]
    return first.strip() == b"%PDF-1.7" and second[:1] == b"%" and all(byte > 127 for byte in second[1:5])


def identification(pdf, raw, xmp):
    return xmp.get("pdfaid:part") == "2" and xmp.get("pdfaid:conformance") == "U"


def dates(pdf, raw, xmp):
    info = pdf.docinfo
    plain = "".join(re.findall(r"\d", xmp["xmp:CreateDate"]))[:14]
    return plain == str(info["/CreationDate"])[2:16] and str(info["/Title"]) == xmp["dc:title"] and plain == "20260303000000"


def identifier(pdf, raw, xmp):
    return len(pdf.trailer.ID) == 2 and all(len(bytes(one)) > 0 for one in pdf.trailer.ID) and "xmpMM:DocumentID" in xmp


def output_intent(pdf, raw, xmp):
    (intent,) = pdf.Root.OutputIntents
    profile = intent.DestOutputProfile.read_bytes()
    return intent.S == Name.GTS_PDFA1 and profile[36:40] == b"acsp"


def language(pdf, raw, xmp):
    return str(pdf.Root.Lang) == "pl-PL"


def marked(pdf, raw, xmp):
    return bool(pdf.Root.MarkInfo.Marked) and "/ParentTree" in pdf.Root.StructTreeRoot


def headings(pdf, raw, xmp):
    kinds = {str(element.S) for element in structure(pdf)}
    return "/H1" in kinds and "/P" in kinds and len(of_kind(pdf, "/H1")) == 1


def tables(pdf, raw, xmp):
    for table in of_kind(pdf, "/Table"):
        groups = children(table)
        rows = [row for group in groups for row in children(group)]
        widths = {len(children(row)) for row in rows}
        heads = children(children(groups[0])[0])
        scoped = all(any(str(one.get("/Scope")) == "/Column" for one in attributes(head)) for head in heads)
        if str(groups[0].S) != "/THead" or len(widths) != 1 or not scoped:
            return False
    return True


def attributes(element):
    inside = element.get("/A", [])
    return list(inside) if isinstance(inside, pikepdf.Array) else [inside]


def all_content_tagged(pdf, raw, xmp):
    for page in pdf.pages:
        depth, numbers = 0, set()
        for operands, operator in pikepdf.parse_content_stream(page):
            operator = str(operator)
            if operator in ("BDC", "BMC"):
                depth += 1
                if len(operands) > 1 and "/MCID" in operands[1]:
                    numbers.add(int(operands[1]["/MCID"]))
            elif operator == "EMC":
                depth -= 1
            elif operator in SHOWING and depth == 0:
                return False
        if depth or not numbers or numbers != set(range(len(numbers))):
            return False
    return True


def fonts(pdf, raw, xmp):
    found = [one for one in all_objects(pdf) if one.get("/Type") == Name.Font and one.get("/Subtype") == Name.Type0]
    for font in found:
        (inner,) = font.DescendantFonts
        embedded = any(key in inner.FontDescriptor for key in ("/FontFile2", "/FontFile3"))
        subset = re.match(r"/[A-Z]{6}\+LiberationSerif", str(font.BaseFont))
        if not embedded or not subset or "/ToUnicode" not in font or inner.get("/CIDToGIDMap") != Name.Identity:
            return False
        if font.Encoding != Name("/Identity-H"):
            return False
    return bool(found)


def colours(pdf, raw, xmp):
    for page in pdf.pages:
        operators = {str(operator) for _, operator in pikepdf.parse_content_stream(page)}
        if operators & DEVICE_COLOURS:
            return False
    return True


def no_transparency(pdf, raw, xmp):
    states = [one for one in all_objects(pdf) if "/SMask" in one or "/ca" in one or "/CA" in one]
    opaque = all(float(one.get(key, 1)) == 1 for one in states for key in ("/ca", "/CA"))
    images = [one for one in all_objects(pdf) if one.get("/Subtype") == Name.Image]
    return opaque and not images and not any("/SMask" in one and one.SMask != Name("/None") for one in states)


def no_actions(pdf, raw, xmp):
    forbidden = ("/OpenAction", "/AA", "/JS", "/JavaScript", "/AcroForm", "/XFA", "/Annots", "/A_Launch")
    inside = [one for one in all_objects(pdf) if any(key in one for key in forbidden)]
    return not inside and b"/JavaScript" not in raw


def no_files(pdf, raw, xmp):
    named = [one for one in all_objects(pdf) if "/EF" in one or "/EmbeddedFiles" in one]
    external = [one for one in all_objects(pdf) if isinstance(one, pikepdf.Stream) and "/F" in one]
    lzw = [one for one in all_objects(pdf) if "LZW" in str(one.get("/Filter"))]
    return not named and not external and not lzw


def no_encryption(pdf, raw, xmp):
    return not pdf.is_encrypted and "/Encrypt" not in pdf.trailer


CHECKS = [
    version, identification, dates, identifier, output_intent, language, marked, headings, tables, all_content_tagged,
    fonts, colours, no_transparency, no_actions, no_files, no_encryption,
]


def main(path):
    with open(path, "rb") as file:
        raw = file.read()
    with pikepdf.open(path) as pdf, pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
        for check in CHECKS:
            held = check(pdf, raw, xmp)
            print(f"{check.__name__.replace('_', '-')}: {'ok' if held else 'does not hold'}")


main(sys.argv[1])
