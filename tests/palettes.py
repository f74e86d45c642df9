# SPDX-License-Identifier: GPL-2.0-only
"""usage: palettes.py TREE: called by cli/report.bats. Whether the colours that stand for something in a report
differ enough for who sees colours otherwise, and from the page they are drawn on. TAP; exit 1 if any do not.

Deficient vision: G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, 2009, full severity. Distance: CIEDE2000.
"""

import itertools
import math
import pathlib
import re
import sys

LEAST_DISTANCE = 9.5  # 1 is just visible side by side, by 10 names differ
LEAST_CONTRAST = 2  # of what is large and has its name beside it, to the page (WCAG 2)
MARKS = 6  # of userspace/report/assets/lines.gp

SIGHT = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
WHITE = (0.95047, 1, 1.08883)


def linear(colour):
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]


def times(matrix, vector):
    return [sum(m * v for m, v in zip(row, vector)) for row in matrix]


def lab(rgb):
    def f(t):
        return t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116

    x, y, z = (f(v / white) for v, white in zip(times(XYZ, rgb), WHITE))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def seen(colour, sight):
    return lab([min(1, max(0, v)) for v in times(SIGHT[sight], linear(colour))])


def ciede2000(one, other):
    """G. Sharma, W. Wu, E. N. Dalal, 2005."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    c7 = ((math.hypot(a1, b1) + math.hypot(a2, b2)) / 2) ** 7
    g = 1.5 - 0.5 * math.sqrt(c7 / (c7 + 25**7))
    c1, c2 = math.hypot(a1 * g, b1), math.hypot(a2 * g, b2)
    h1, h2 = (math.degrees(math.atan2(b, a * g)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0
    hue = (h1 + turn / 2) % 360 if c1 * c2 else h1 + h2
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2

    def cos(degrees):
        return math.cos(math.radians(degrees))

    t = 1 - 0.17 * cos(hue - 30) + 0.24 * cos(2 * hue) + 0.32 * cos(3 * hue + 6) - 0.2 * cos(4 * hue - 63)
    dl = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / math.sqrt(20 + (light - 50) ** 2))
    dc = (c2 - c1) / (1 + 0.045 * chroma)
    dh = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2)) / (1 + 0.015 * chroma * t)
    twist = math.sin(math.radians(60 * math.exp(-(((hue - 275) / 25) ** 2))))
    return math.sqrt(dl**2 + dc**2 + dh**2 - 2 * math.sqrt(chroma**7 / (chroma**7 + 25**7)) * twist * dc * dh)


def contrast(one, other):
    light, dark = sorted((times(XYZ, linear(c))[1] + 0.05 for c in (one, other)), reverse=True)
    return light / dark


def too_near(colours):
    for (a, b), sight in itertools.product(itertools.combinations(colours, 2), SIGHT):
        distance = ciede2000(seen(a, sight), seen(b, sight))
        if distance < LEAST_DISTANCE:
            yield f"{a} and {b} are {distance:.1f} apart with {sight}"


def too_faint(colours, pages):
    for colour, page in itertools.product(colours, pages):
        if contrast(colour, page) < LEAST_CONTRAST:
            yield f"{colour} on {page} has a contrast of {contrast(colour, page):.2f}"


# ---- where they are ---------------------------------------------------------------------------------


def between(text, begin, end):
    return text[text.index(begin) :].partition(end)[0]


def colours_in(text):
    return re.findall(r"#[0-9a-f]{6}\b", text)


def read(tree):
    report = pathlib.Path(tree, "userspace/report")
    text = {name: (report / name).read_text() for name in
            ("plots.c", "assets/common.gp", "section_cpu.c", "assets/report.css", "assets/flame.css")}
    css = text["assets/report.css"].split("@media", 2)
    schemes = [dict(re.findall(r"--(\w+):(#[0-9a-f]+)", part)) for part in css[:2]]
    for scheme in schemes:
        scheme["bg"] = scheme["bg"] if len(scheme["bg"]) == 7 else "#" + 2 * scheme["bg"][1:]
    flame = [re.search(rf"\.{kind}0 rect[^{{]*{{fill:(#\w+)}}", text["assets/flame.css"])[1] for kind in "ukco"]
    return (colours_in(between(text["plots.c"], "colours[]", ";")),
            colours_in(between(text["assets/common.gp"], "array colour", "array pale")),
            colours_in(between(text["section_cpu.c"], "category_colours[]", ";")), flame, schemes)


def checks(tree):
    modes, drawn, categories, flame, schemes = read(tree)
    pages = [scheme[ground] for scheme in schemes for ground in ("bg", "soft")]
    yield "the colours of modes are the same in page and plots", [] if modes == drawn and len(modes) == 16 else [f"{modes} {drawn}"]
    yield "the first modes differ", list(too_near(modes[:MARKS]))
    for mark in range(MARKS):
        yield f"modes with mark {mark + 1} differ", list(too_near(modes[mark::MARKS]))
    yield "modes show on each page", list(too_faint(modes, pages))
    yield "categories differ", list(too_near(categories))
    yield "kinds of frames differ", list(too_near(flame))
    for scheme, name in zip(schemes, ("light", "dark")):
        meaning = [scheme[key] for key in ("copy", "ref", "transform", "unknown")]
        status = [scheme[key] for key in ("copy", "ref", "alarm", "unknown", "link")]
        yield f"what became of bytes differs, {name}", list(too_near(meaning))
        yield f"states differ, {name}", list(too_near(status))
        yield f"both show, {name}", list(too_faint(meaning + status, (scheme["bg"], scheme["soft"])))


def main(tree):
    known = ciede2000((50, 2.6772, -79.7751), (50, 0, -82.7485)), ciede2000((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619))
    status = [round(d, 4) for d in known] != [2.0425, 2.0373]
    print("not ok" if status else "ok", "- CIEDE2000 is that of its authors' test data")
    for name, faults in checks(tree):
        print("not ok" if faults else "ok", "-", "; ".join([name, *faults]))
        status |= bool(faults)
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
