"""QR codes, as pictures that a page may hold without asking anybody (`img-src data:`)."""

import segno


def qr_image(address: str) -> str:
    """A data address of an SVG. It is black on white in both themes, because cameras want it so."""
    return str(segno.make(address, error="l", micro=False).svg_data_uri(scale=4, border=4, light="#fff"))
