"""docs/gallery.md: its commands run and make its pictures, and docs/images holds them, small."""
import pathlib

import gallery
from harness import NETC, SOURCE, equal, main

IMAGES = SOURCE / "docs" / "images"


def test_gallery(folder):
    made = gallery.make(str(pathlib.Path(NETC).resolve()), folder)
    assert len(made) >= 14, made
    for name in made:
        kept = (IMAGES / name).read_bytes()
        assert len(kept) <= gallery.MOST, (name, len(kept))
        equal(kept[:4], (folder / name).read_bytes()[:4], f"the kind of {name}")
        if name.endswith(".png"):  # letters differ from machine to machine, the size of a picture does not
            equal(kept[16:24], (folder / name).read_bytes()[16:24], f"width and height of {name}")


main()
