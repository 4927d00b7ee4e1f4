"""Workbooks as the tests see them: cells of an .xlsx, cached values made wrong, recalculation by LibreOffice."""
import os
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as tree
import zipfile

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

# LibreOffice computes formulas of an .xlsx anew on loading only where the profile says so (0: always).
# On several threads it now and then takes a cached value for a computed one.
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Formula/Calculation"><prop oor:name="UseThreadedCalculationForFormulaGroups" oor:op="fuse"><value>false</value></prop></item>
</oor:items>
"""


def office():
    return shutil.which("soffice") or shutil.which("libreoffice")


def sheets(path):
    """Name -> path inside of the archive, worksheets only."""
    with zipfile.ZipFile(path) as archive:
        book = tree.fromstring(archive.read("xl/workbook.xml"))
        relations = tree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        target = {r.get("Id"): r.get("Target").lstrip("/").removeprefix("xl/") for r in relations}
        found = {s.get("name"): "xl/" + target[s.get(RELATION)] for s in book.iter(MAIN + "sheet")}
        return {name: place for name, place in found.items() if "worksheets" in place}


def cells(path, sheet):
    """"B4" -> (value, formula or None)."""
    with zipfile.ZipFile(path) as archive:
        strings = []
        if "xl/sharedStrings.xml" in archive.namelist():
            for item in tree.fromstring(archive.read("xl/sharedStrings.xml")):
                strings.append("".join(t.text or "" for t in item.iter(MAIN + "t")))
        page = tree.fromstring(archive.read(sheets(path)[sheet]))
    found = {}
    for cell in page.iter(MAIN + "c"):
        value, formula = cell.find(MAIN + "v"), cell.find(MAIN + "f")
        text = value.text if value is not None else None
        if cell.get("t") == "s":
            text = strings[int(text)]
        elif cell.get("t") not in ("str", "e") and text is not None:
            text = float(text)
        found[cell.get("r")] = (text, formula.text if formula is not None else None)
    return found


def column(number):
    letters = ""
    number += 1
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def table(path, sheet, head=3):
    """The names in row `head` and the rows below, up to the first empty cell of each."""
    found, names, rows = cells(path, sheet), [], []
    while column(len(names)) + str(head) in found:
        names.append(found[column(len(names)) + str(head)][0])
    row = head + 1
    while "A%d" % row in found:
        rows.append([found[column(i) + str(row)][0] for i in range(len(names))])
        row += 1
    return names, rows


def rewrite(path, out, change):
    """A copy in which change(name, text) made the worksheets anew."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                data = change(name, data.decode()).encode()
            new.writestr(name, data)


def with_wrong_values(text):
    """Every cached value of a formula becomes 12345: what is right afterwards was computed."""
    return re.sub(r"(</f><v>)[^<]*(</v>)", r"\g<1>12345\2", text)


def recalculate(path, folder):
    profile = tempfile.mkdtemp(dir=folder)
    os.makedirs(os.path.join(profile, "user"))
    with open(os.path.join(profile, "user", "registrymodifications.xcu"), "w") as file:
        file.write(PROFILE)
    out = tempfile.mkdtemp(dir=folder)
    subprocess.run([office(), "-env:UserInstallation=file://" + profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML",
                    "--outdir", out, path], check=True, capture_output=True, timeout=300)
    return os.path.join(out, os.path.basename(path))
