"""An audit of the built site from outside: figures drawn at random from its pages, recomputed.

    python tests/audit.py SITE FILES [--seed N] [--draws N]

SITE is the built site, FILES the folder of the demo family's weight files. Nothing of this program
is imported: pages are read as HTML, weight files as bytes. What a figure should be comes from NumPy
in float64, from hashlib, or from a network that diffusers builds without weights.
"""

import argparse
import csv
import hashlib
import html
import json
import math
import random
import re
import struct
import sys
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import diffusers
import numpy as np

SCALES = {"k": 1e3, "M": 1e6, "G": 1e9, "B": 1e9, "T": 1e12, "P": 1e15}
NUMBER = re.compile(r"[−-]?\d[\d,]*(?:\.\d+)?(?:\s×\s10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?")
# Relative error that the Methods page allows a distance.
PRECISION = 1.01e-6
BYTES = {"bool": 1, "float16": 2, "bfloat16": 2, "float32": 4, "int64": 8, "complex64": 8}
DTYPES = {"F32": "<f4", "F16": "<f2", "I64": "<i8"}
SCALE = ".scale_weight"
CODES = np.arange(256)
EXPONENTS = np.maximum(CODES >> 3 & 15, 1) - 7
# Sign, four bits of exponent, three of fraction: E4M3. All bits of a size set: not a number.
FLOAT8 = np.ldexp(np.where(CODES >> 3 & 15, 8, 0) + (CODES & 7), EXPONENTS - 3)
FLOAT8 = np.where(CODES & 127 == 127, np.nan, np.where(CODES < 128, FLOAT8, -FLOAT8))
MEGA, KIBI = 10**6, 1024


class Table(NamedTuple):
    """The keys or titles of a table's columns, and its rows of text."""

    heads: list[str]
    rows: list[list[str]]

    def cells(self, head: str) -> list[tuple[str, str]]:
        """The first cell and the cell in a column, of each row with both."""
        place = self.heads.index(head)
        return [(row[0], row[place]) for row in self.rows if len(row) > place]


class Claim(NamedTuple):
    """A figure as a page prints it, and how to compute it; `digits`: rounded to so many."""

    page: str
    what: str
    printed: str
    expected: Callable[[], float]
    digits: int = 0


def text_of(markup: str) -> str:
    """Markup as text, without what is quiet, for screen readers only, or a sign."""
    bare = re.sub(
        r'<span class="atlas-(quiet|unseen|verdict[^>]*role=)[^>]*>.*?</span>', "", markup
    )
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", bare)).split())


@cache
def article(path: Path) -> str:
    """The markup of a page's article, without drawings."""
    markup = path.read_text(encoding="utf-8")
    found = markup[markup.index("<article") : markup.index("</article>")]
    return re.sub(r"<svg.*?</svg>", "", found, flags=re.DOTALL)


@cache
def tables(path: Path) -> dict[str, Table]:
    """The tables of a page by caption."""
    found = {}
    for markup in re.findall(r"<table.*?</table>", article(path), re.DOTALL):
        caption = text_of(re.search(r"<caption[^>]*>(.*?)</caption>", markup, re.DOTALL)[1])
        heads = [
            (re.search(r'data-key="([^"]*)"', attributes) or ["", ""])[1] or text_of(inner)
            for attributes, inner in re.findall(r'<th scope="col"([^>]*)>(.*?)</th>', markup)
        ]
        rows = [
            [text_of(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
            for row in re.findall(r"<tr[^>]*>(.*?)</tr>", markup.partition("</thead>")[2], re.S)
        ]
        found[caption] = Table([html.unescape(head) for head in heads], rows)
    return found


@cache
def facts(path: Path) -> dict[str, str]:
    """The terms of a page's first list of facts, with their values."""
    markup = re.search(r'<dl class="atlas-facts">(.*?)</dl>', article(path), re.DOTALL)[1]
    pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", markup, re.DOTALL)
    return {text_of(term): text_of(value) for term, value in pairs}


def shown(text: str, digits: int = 0) -> tuple[float, float]:
    """The value of a printed number with its unit, and half of its last printed place."""
    found = NUMBER.search(text)
    if found is None:
        raise ValueError(f"no number in {text!r}")
    plain = found[0].partition("×")[0].strip().replace(",", "").replace("−", "-")
    power = "".join("-" if sign == "⁻" else str(unicodedata.digit(sign)) for sign in found[1] or "")
    scale = 10.0 ** int(power or 0) * SCALES.get(text[found.end() :].strip()[:1], 1.0)
    value, half = float(plain), 0.5 * 10.0 ** -len(plain.partition(".")[2])
    if digits and value:
        half = max(half, 0.5 * 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1))
    return value * scale, half * scale


def fault(claim: Claim) -> str:
    """What is wrong with a claim; empty if it is true."""
    expected = claim.expected()
    value, half = shown(claim.printed, claim.digits)
    exact = isinstance(expected, int) and not claim.digits
    slack = 0.0 if exact else half * (1 + 1e-9) + abs(expected) * PRECISION
    if abs(value - expected) <= slack:
        return ""
    return f"{claim.page}: {claim.what}: printed {claim.printed}, computed {expected!r}"


# Networks, built by diffusers from the config that their page prints.


@cache
def network(site: Path, name: str) -> Any:
    """The denoiser on the meta device, in float16."""
    import torch

    page = site / "architectures" / f"{name}.html"
    config = {key: json.loads(value) for key, value in tables(page)["The config"].rows}
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(diffusers, config["_class_name"]).from_config(config).half().eval()


def parameters(site: Path, name: str) -> int:
    """All parameters of a network, by diffusers."""
    return int(network(site, name).num_parameters())


def _sizes(shape: str) -> list[int]:
    return [] if shape == "scalar" else [int(size) for size in shape.split(" × ")]


def input_megabytes(page: Path) -> float:
    """The inputs at which a network was summarized, from the shapes and dtypes on its page."""
    rows = [row for row in tables(page)["Inputs of the denoiser"].rows if row[3:4] != ["–"]]
    return sum(math.prod(_sizes(row[3])) * BYTES[row[4]] for row in rows if len(row) > 4) / MEGA


def architecture_claims(site: Path) -> Iterator[Claim]:
    """Of each network: counts, shares, and sizes."""
    for page in sorted((site / "architectures").glob("*.html")):
        name = page.stem
        if name == "index" or "." in name:
            continue
        label = f"architectures/{name}"
        total = lambda name=name: parameters(site, name)  # noqa: E731
        yield Claim(label, "parameters", facts(page)["Parameters"], total)
        yield Claim(
            label, "weights", facts(page)["Weights, float16"], lambda t=total: 2 * t(), digits=3
        )
        blocks = tables(page)["MBW blocks with their modules and parameters"]
        kinds = tables(page)["Parameters by kind, the largest first"]
        for block, count, share, modules in (row for row in blocks.rows if row[-1]):
            yield Claim(
                label,
                f"share of {block}",
                share,
                lambda c=count, t=total: 100 * shown(c)[0] / t(),
            )
            yield Claim(
                label,
                f"parameters of {block}",
                count,
                lambda m=modules, n=name: _of_modules(site, n, m.split()),
            )
        for kind, count, share, _ in kinds.rows[:-1]:
            yield Claim(
                label, f"share of {kind}", share, lambda c=count, t=total: 100 * shown(c)[0] / t()
            )
        sizes = {row[0]: row[1] for row in tables(page)[SIZES].rows}
        if "Inputs" not in sizes:
            # A network without a forward pass, as its page says.
            continue
        yield Claim(label, "inputs", sizes["Inputs"], lambda p=page: input_megabytes(p))
        yield Claim(
            label,
            "total",
            sizes["Total"],
            lambda s=sizes: sum(shown(s[each])[0] for each in SUMMED) / KIBI,
        )


SIZES = "Sizes by torchinfo, and parameters counted four ways"
SUMMED = ("Inputs", "Forward/backward", "Parameters")


def _of_modules(site: Path, name: str, modules: list[str]) -> int:
    """The parameters below some module paths, and outside all others for names of parameters."""
    tensors = dict(network(site, name).named_parameters())
    return sum(
        tensor.numel()
        for path, tensor in tensors.items()
        if any(path == each or path.startswith(f"{each}.") for each in modules)
    )


def parameter_claims(site: Path) -> Iterator[Claim]:
    """Of each parameter tensor of each network: its number of elements."""
    for page in sorted((site / "architectures").glob("*.parameters.html")):
        name = page.name.split(".")[0]
        (table,) = tables(page).values()
        for tensor, count in table.cells("parameters"):
            yield Claim(
                f"architectures/{name}.parameters",
                tensor,
                count,
                lambda n=name, t=tensor: int(network(site, n).get_parameter(t).numel()),
            )


def compare_claims(site: Path) -> Iterator[Claim]:
    """The table of all networks, against diffusers and against their own pages."""
    page = site / "compare.html"
    (table,) = tables(page).values()
    names = re.findall(r'<tr[^>]* id="row-([^"]+)"', html.unescape(article(page)))
    for name, row in zip(names, table.rows, strict=True):
        cell = dict(zip(table.heads, row, strict=True))
        total = lambda name=name: parameters(site, name)  # noqa: E731
        yield Claim("compare", f"{name}: parameters", cell["parameters"], total)
        yield Claim(
            "compare", f"{name}: weights", f"{cell['weights']} G", lambda t=total: 2.0 * t()
        )
        if cell["flops"].startswith("–"):
            # A network without a forward pass.
            continue
        flops, sample = (1e12 * shown(cell[key])[0] for key in ("flops", "flops_per_sample"))
        yield Claim(
            "compare",
            f"{name}: samples of one step",
            str(int(cell["batch"]) * int(cell["calls"])),
            lambda f=flops, s=sample: round(f / s),
        )
        page_of = site / "architectures" / f"{name}.html"
        yield Claim(
            "compare", f"{name}: FLOPs", facts(page_of)["FLOPs per step"], lambda f=flops: f, 3
        )


def reproducing_claims(site: Path) -> Iterator[Claim]:
    """Our parameters beside the published ones, and every sign of agreement."""
    page = site / "reproducing.html"
    body = r'<tbody>\s*<tr><th[^>]*>(.*?)</th><th scope="row">published</th>(.*?)</tr>'
    body += r"\s*<tr>.*?</th>(.*?)</tr>"
    for name, printed, ours in re.findall(body, article(page), re.DOTALL):
        cells = re.findall(r"<td[^>]*>(.*?)</td>", printed, re.DOTALL)
        found = re.findall(r'<td[^>]*data-verdict="([^"]*)">(.*?)</td>', ours, re.DOTALL)
        for place, (theirs, (verdict, own)) in enumerate(zip(cells, found, strict=True)):
            agrees = shown(text_of(theirs))[0] == shown(text_of(own))[0]
            yield Claim(
                "reproducing",
                f"{text_of(name)}: sign of column {place}",
                "1" if verdict == "agrees" else "0",
                lambda same=agrees: int(same),
            )


def fits_claims(site: Path) -> Iterator[Claim]:
    """What fits which card: the first sentence, and each card against the peaks beside it."""
    page = site / "what-fits.html"
    (table,) = tables(page).values()
    lead = text_of(re.search(r'<p class="atlas-lead">(.*?)</p>', article(page), re.DOTALL)[1])
    said = re.findall(r"[Aa]n? (\d+) GB card runs (\d+) of (\d+) .*? and (\d+) more", lead)
    assert said
    for card, resident, networks, offloaded in said:
        yield Claim("what-fits", "networks", networks, lambda: len(table.rows))
        ways = [way for _, way in table.cells(f"card{card}")]
        alone = sum(way.startswith("all on the GPU") for way in ways)
        none = sum(way.startswith("–") for way in ways)
        yield Claim("what-fits", f"{card} GB", resident, lambda n=alone: n)
        yield Claim(
            "what-fits", f"{card} GB, more", offloaded, lambda w=ways, n=alone + none: len(w) - n
        )
    for row in table.rows:
        cell = dict(zip(table.heads, row, strict=True))
        for card in (8, 12, 16, 24, 32, 48, 80):
            # The peak is printed with one decimal: near the size of a card it does not decide.
            if abs(shown(cell["high"])[0] - card) > 0.05:
                yield Claim(
                    "what-fits",
                    f"{cell['name']}: all of it on {card} GB",
                    str(int(cell[f"card{card}"] == "all on the GPU")),
                    lambda c=card, h=cell["high"]: int(shown(h)[0] <= c),
                )


def memory_claims(site: Path) -> Iterator[Claim]:
    """Of each network with a known pipeline: its stages, and the peak that they lead to."""
    for page in sorted((site / "architectures").glob("*.memory.html")):
        label = f"architectures/{page.stem}"
        lead = text_of(re.search(r'<p class="atlas-lead">(.*?)</p>', article(page), re.DOTALL)[1])
        rows = tables(page)["Stages with everything on the GPU"].rows
        for stage, weights, beyond, total in rows:
            yield Claim(
                label,
                f"{stage}: total within the rounding of its parts",
                "1",
                lambda w=weights, b=beyond, t=total: int(
                    abs(shown(w)[0] + shown(b)[0] - shown(t)[0]) < 0.0101
                ),
            )
        (peak,) = re.findall(r"needs ([\d.,]+) GiB", lead)
        yield Claim(label, "peak", peak, lambda r=rows: max(shown(row[3])[0] for row in r))


def prediction_claims(site: Path) -> Iterator[Claim]:
    """How many predictions are near, from the ratios of the tables."""
    page = site / "memory-check.html"
    lead = text_of(re.search(r'<p class="atlas-lead">(.*?)</p>', article(page), re.DOTALL)[1])
    counts = [re.search(r"(\d+) of (\d+) peaks .*? within 5 %, (\d+) within 10 %", lead)]
    counts.append(re.search(r"so are (\d+) and (\d+) of (\d+) runs", lead))
    places = ((1, 3, 2), (1, 2, 3))
    for table, found, order in zip(tables(page).values(), counts, places, strict=True):
        ratios = [shown(text)[0] for _, text in table.cells("ratio") if NUMBER.match(text)]
        near = [sum(abs(each - 1) <= most for each in ratios) for most in (0.05, 0.1)]
        for place, expected in zip(order, (*near, len(ratios)), strict=True):
            yield Claim("memory-check", found[0], found[place], lambda n=expected: n)
    off = re.findall(r"<li>[^<]*?: ([\d.]+) times the measured peak", article(page))
    yield Claim(
        "memory-check",
        "rows that are more than 5 % off",
        str(len(off)),
        lambda: sum(
            abs(shown(text)[0] - 1) > 0.05
            for table in tables(page).values()
            for _, text in table.cells("ratio")
            if NUMBER.match(text)
        ),
    )


UNITS = {"B": 10**9, "M": 10**6}


def claimed_claims(site: Path) -> Iterator[Claim]:
    """Claimed sizes: the counts of the first sentence, each deviation, and each agreement."""
    page = site / "claims.html"
    (table,) = tables(page).values()
    lead = text_of(re.search(r'<p class="atlas-lead">(.*?)</p>', article(page), re.DOTALL)[1])
    verdicts = [verdict for _, verdict in table.cells("verdict")]
    for words, verdict in (
        (r"(\d+) of \d+ claimed", "agrees"),
        (r"(\d+) are rounded down", "rounded down"),
        (r"(\d+) differ for", "differs, explained"),
        (r"(\d+) differ without", "differs"),
    ):
        yield Claim(
            "claims", verdict, re.search(words, lead)[1], lambda v=verdict: verdicts.count(v)
        )
    for row in table.rows:
        cell = dict(zip(table.heads, row, strict=True))
        found = re.match(r"(\d+(?:\.(\d+))?)\s*([BM])", cell["claim"])
        if not found:
            continue
        count = shown(cell["parameters"])[0]
        step = UNITS[found[3]] / 10 ** len(found[2] or "")
        claimed = float(found[1]) * UNITS[found[3]]
        yield Claim(
            "claims",
            f"{cell['name']}: deviation",
            cell["deviation"],
            lambda n=count, c=claimed: 100 * (n - c) / c,
        )
        yield Claim(
            "claims",
            f"{cell['name']}: agrees",
            str(int(cell["verdict"] == "agrees")),
            lambda n=count, c=claimed, s=step: int(abs(n - c) <= s / 2),
        )


def component_claims(site: Path) -> Iterator[Claim]:
    """Of each component: its size, and how many networks load it, from their own pages."""
    page = site / "components" / "index.html"
    (table,) = tables(page).values()
    users: dict[str, int] = {}
    for network in sorted((site / "architectures").glob("*.html")):
        if network.stem != "index" and "." not in network.stem:
            markup = html.unescape(article(network))
            parts = set(re.findall(r'href="\.\./components/([^"#.]+)\.html', markup))
            users |= {identity: users.get(identity, 0) + 1 for identity in parts}
    for row in table.rows:
        cell = dict(zip(table.heads, row, strict=True))
        identity = cell["id"]
        own = site / "components" / f"{identity}.html"
        yield Claim(
            "components",
            f"{identity}: parameters",
            facts(own)["Parameters"],
            lambda c=cell["parameters"]: int(shown(c)[0]),
        )
        yield Claim(
            "components",
            f"{identity}: weights",
            f"{cell['weights']} G",
            lambda c=cell["parameters"]: 2 * shown(c)[0],
        )
        yield Claim(
            "components", f"{identity}: users", cell["users"], lambda i=identity: users.get(i, 0)
        )


# Checkpoints, read as bytes.


@cache
def weights(files: Path, name: str) -> dict[str, Any]:
    """The tensors of a safetensors file in float64, floats of 8 bits with their scales."""
    content = (files / f"{name}.safetensors").read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + size])
    found = {}
    for key, entry in header.items():
        if key == "__metadata__":
            continue
        start, stop = (8 + size + offset for offset in entry["data_offsets"])
        raw = content[start:stop]
        if entry["dtype"] == "BF16":
            values = (np.frombuffer(raw, "<u2").astype("<u4") << 16).view("<f4")
        elif entry["dtype"] == "F8_E4M3":
            values = FLOAT8[np.frombuffer(raw, np.uint8)]
        else:
            values = np.frombuffer(raw, DTYPES[entry["dtype"]])
        found[key] = values.astype(np.float64)
    for key in [key for key in found if key.endswith(SCALE)]:
        found[f"{key.removesuffix(SCALE)}.weight"] *= found[key]
    return found


@cache
def held(site: Path, name: str) -> dict[str, dict[str, str]]:
    """The rows of a checkpoint's table of tensors: component and canonical name -> the row."""
    path = site / "downloads" / "checkpoints" / f"{name}.tensors.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {f"{row['component']}/{row['name']}": row for row in csv.DictReader(file)}


def values(site: Path, files: Path, name: str, tensor: str) -> Any:
    """The values of one weight under its canonical name."""
    return weights(files, name)[held(site, name)[tensor]["source"]]


def component(site: Path, files: Path, name: str, part: str) -> Any:
    """All weights of a component as one vector, in the order of their names."""
    rows = held(site, name)
    names = [each for each in sorted(rows) if each.startswith(f"{part}/")]
    weighty = [each for each in names if rows[each]["is_weight"] == "True"]
    return np.concatenate([values(site, files, name, each) for each in weighty])


def plain_files(site: Path, files: Path) -> list[str]:
    """The safetensors files whose tensors are the canonical weights, one by one."""
    names = sorted(path.stem for path in files.glob("*.safetensors"))
    return [
        name
        for name in names
        if all(row["form"] == "same" for row in held(site, name).values())
        and len({row["source"] for row in held(site, name).values()}) == len(held(site, name))
    ]


PARTS = {"Denoiser": "denoiser", "VAE": "vae", "Text encoder": "text_encoder"}


def checkpoint_claims(site: Path, files: Path) -> Iterator[Claim]:
    """Of each checkpoint: sizes, counts, norms and hashes."""
    for name in plain_files(site, files):
        page, label = site / "checkpoints" / f"{name}.html", f"checkpoints/{name}"
        path = files / f"{name}.safetensors"
        stated = facts(page)
        yield Claim(
            label, "size", stated["Size"].removesuffix(" B"), lambda p=path: p.stat().st_size
        )
        yield Claim(label, "tensors", stated["Tensors"], lambda n=name: len(weights(files, n)))
        parts = tables(page)["Components of the checkpoint"]
        for (part, count), (_, norm) in zip(
            parts.cells("parameters"), parts.cells("norm"), strict=True
        ):
            if part in PARTS:
                one = PARTS[part]
                vector = lambda n=name, c=one: component(site, files, n, c)  # noqa: E731
                yield Claim(label, f"{part}: parameters", count, lambda v=vector: int(v().size))
                yield Claim(
                    label, f"{part}: norm", norm, lambda v=vector: float(np.linalg.norm(v()))
                )
        (hashes,) = tables(page)["Hashes of each file"].rows
        content = path.read_bytes()
        (header,) = struct.unpack("<Q", content[:8])
        expected = {
            "autov1": hashlib.sha256(content[2**20 : 2**20 + 2**16]).hexdigest()[:8],
            "autov2": hashlib.sha256(content).hexdigest()[:10],
            "autov3": hashlib.sha256(content[8 + header :]).hexdigest()[:12],
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        for key, digest in expected.items():
            printed = hashes[tables(page)["Hashes of each file"].heads.index(key)]
            yield Claim(label, key, "1", lambda p=printed, d=digest: int(p.split()[0] == d))


def tensor_claims(site: Path, files: Path) -> Iterator[Claim]:
    """Of each tensor: norm, mean and deviation."""
    measures = {"norm": np.linalg.norm, "mean": np.mean, "std": np.std}
    for name in plain_files(site, files):
        (table,) = tables(site / "checkpoints" / f"{name}.tensors.html").values()
        parts = dict(enumerate(row[table.heads.index("component")] for row in table.rows))
        for key, measure in measures.items():
            for place, (tensor, printed) in enumerate(table.cells(key)):
                full = f"{PARTS.get(parts[place].capitalize(), parts[place].lower())}/{tensor}"
                if full in held(site, name) and NUMBER.match(printed):
                    yield Claim(
                        f"checkpoints/{name}.tensors",
                        f"{key} of {tensor}",
                        printed,
                        lambda n=name, t=full, m=measure: float(m(values(site, files, n, t))),
                        digits=4,
                    )


def _distances(a: Any, b: Any) -> dict[str, float]:
    apart = a - b
    lengths = np.linalg.norm(a) * np.linalg.norm(b)
    l2 = float(np.linalg.norm(apart))
    return {
        "l2": l2,
        "rms": l2 / math.sqrt(a.size),
        "l1": float(np.abs(apart).sum()),
        "l0": int(np.count_nonzero(apart)),
        "cosine": float(a @ b / lengths),
    }


def pair_claims(site: Path, files: Path) -> Iterator[Claim]:
    """Of each pair of plain files: the distances of its components."""
    plain = set(plain_files(site, files))
    for page in sorted((site / "pairs").glob("*.html")):
        if page.stem == "index" or page.stem.endswith(".tensors"):
            continue
        record = json.loads((site / "downloads" / "pairs" / f"{page.stem}.json").read_bytes())
        a, b = record["a"], record["b"]
        table = tables(page)["Components of both checkpoints"]
        for row in table.rows:
            part = PARTS.get(row[0])
            if part is None or len(row) < len(table.heads) or not {a, b} <= plain:
                continue
            both = lambda a=a, b=b, p=part: _distances(  # noqa: E731
                component(site, files, a, p), component(site, files, b, p)
            )
            for key in ("l2", "rms", "l1", "l0", "cosine"):
                yield Claim(
                    f"pairs/{page.stem}",
                    f"{row[0]}: {key}",
                    row[table.heads.index(key)],
                    lambda d=both, k=key: d()[k],
                )


def group_claims(site: Path, files: Path) -> Iterator[Claim]:
    """Of the demo group: the distance of each member from the reference, by component."""
    page = site / "groups" / "demo.html"
    plain = set(plain_files(site, files))
    table = tables(page)["Members of the group with their L2 distances by component"]
    for key, part in (("denoiser_l2", "denoiser"), ("text_encoder_l2", "text_encoder")):
        for member, printed in table.cells(key):
            if member in plain and NUMBER.match(printed):
                yield Claim(
                    "groups/demo",
                    f"{member}: {part}",
                    printed,
                    lambda m=member, p=part: _distances(
                        component(site, files, m, p), component(site, files, "demo-base", p)
                    )["l2"],
                )


def map_claims(site: Path) -> Iterator[Claim]:
    """Of each text encoder of the map: how far prompts moved, from the points."""
    page = site / "embeddings" / "words_demo.html"
    table = tables(page)["Text encoders, in the order of the group, each once"]
    path = site / "downloads" / "embeddings" / "words_demo.points.csv"
    moved: dict[str, list[float]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["vectors"] == "last":
                moved.setdefault(row["encoder"], []).append(float(row["moved"]))
    for key, measure in (("moved_mean", np.mean), ("moved_largest", np.max)):
        for encoder, printed in table.cells(key):
            yield Claim(
                "embeddings/words_demo",
                f"{encoder}: {key}",
                printed,
                lambda e=encoder, m=measure: float(m(moved[e])),
                digits=4,
            )


def data_claims(site: Path) -> Iterator[Claim]:
    """The number of records, and the size of each download."""
    markup = article(site / "data.html")
    folder = site / "downloads"
    lead = text_of(re.search(r'<p class="atlas-lead">(.*?)</p>', markup, re.DOTALL)[1])
    (count,) = re.findall(r"made from ([\d,]+) records", lead)
    yield Claim("data", "records", count, lambda: len(_records(folder)))
    links = re.findall(
        r'<a href="(downloads/[^"]+)" download>.*?</a> (?:<span[^>]*>)?([^<]*)<', markup
    )
    assert len(links) > 500
    for address, size in links:
        path = site / html.unescape(address)
        printed = html.unescape(size).removesuffix("B")
        yield Claim("data", address, printed, lambda p=path: p.stat().st_size, digits=3)


def _records(folder: Path) -> list[Path]:
    """Files with a checksum of their own: records."""
    found = sorted(folder.rglob("*.json"))
    return [path for path in found if _is_record(path)]


def _is_record(path: Path) -> bool:
    content = json.loads(path.read_bytes())
    return isinstance(content, dict) and {"checksum", "schema"} <= content.keys()


def home_claims(site: Path) -> Iterator[Claim]:
    """The first sentence of the home page, against the networks."""
    lead = text_of(
        re.search(r'<p class="atlas-lead.*?">(.*?)</p>', article(site / "index.html"), re.S)[1]
    )
    whole = text_of(article(site / "index.html"))
    least, most = re.search(r"from ([\d.]+ [MB]) to ([\d.]+ [MB]) parameters", whole).groups()
    names = [path.stem for path in sorted((site / "architectures").glob("*.html"))]
    names = [name for name in names if name != "index" and "." not in name]
    yield Claim("index", "networks", lead, lambda: len(names))
    sizes = lambda: [parameters(site, name) for name in names]  # noqa: E731
    yield Claim("index", "smallest network", least, lambda: float(min(sizes())), 3)
    yield Claim("index", "largest network", most, lambda: float(max(sizes())), 3)


def methods_claims(site: Path) -> Iterator[Claim]:
    """The example of a component's BLAKE3, run; and the ratios of benches, from their rows."""
    path = site / "methods.html"
    code = re.search(r'<pre class="atlas-code"[^>]*><code>(.*?)</code>', article(path), re.DOTALL)[
        1
    ]
    printed = re.search(r"It prints <code>([0-9a-f]{64})</code>", article(path))[1]
    yield Claim(
        "methods", "BLAKE3 example", "1", lambda: int(_output(html.unescape(code)) == printed)
    )
    seconds = {
        row[0]: row[1] for table in tables(path).values() for row in table.rows if row[-1:] == ["s"]
    }
    for sentence in re.findall(r"<p>([^<]* takes [^<]*: a ratio of [^<]*)\.</p>", article(path)):
        said = " ".join(html.unescape(sentence).split())
        subject, slow, fast, ratio = re.match(
            r"(.+): (\D.+) takes [\d.,]+ s, (\D.+) [\d.,]+ s: a ratio of ([\d.,]+)", said
        ).groups()
        # Both times are printed with three digits.
        rows = [shown(seconds[f"{subject}: {each}"])[0] for each in (slow, fast)]
        yield Claim("methods", said, ratio, lambda r=rows: r[0] / r[1], 2)


def _output(code: str) -> str:
    lines: list[str] = []
    exec(code, {"print": lines.append})
    return "".join(lines)


def claims_by_kind(site: Path, files: Path) -> dict[str, list[Claim]]:
    """All claims, by kind of page."""
    return {
        "home": list(home_claims(site)),
        "architectures": list(architecture_claims(site)),
        "parameters": list(parameter_claims(site)),
        "compare": list(compare_claims(site)),
        "reproducing": list(reproducing_claims(site)),
        "what-fits": list(fits_claims(site)),
        "memory": list(memory_claims(site)),
        "memory-check": list(prediction_claims(site)),
        "claims": list(claimed_claims(site)),
        "components": list(component_claims(site)),
        "checkpoints": list(checkpoint_claims(site, files)),
        "tensors": list(tensor_claims(site, files)),
        "pairs": list(pair_claims(site, files)),
        "groups": list(group_claims(site, files)),
        "embeddings": list(map_claims(site)),
        "data": list(data_claims(site)),
        "methods": list(methods_claims(site)),
    }


def draw(kinds: dict[str, list[Claim]], seed: int, draws: int) -> list[Claim]:
    """At least `draws` claims, as evenly from all kinds as these have claims."""
    order = random.Random(seed)
    waiting = {kind: order.sample(found, len(found)) for kind, found in kinds.items()}
    drawn: list[Claim] = []
    while len(drawn) < draws and any(waiting.values()):
        drawn += [found.pop() for found in waiting.values() if found]
    return drawn


def audit(site: Path, files: Path, seed: int, draws: int) -> tuple[list[Claim], list[str]]:
    """The claims drawn, and what is wrong with them."""
    kinds = claims_by_kind(site, files)
    empty = [
        f"{kind}: no figure was found on its pages" for kind, found in kinds.items() if not found
    ]
    drawn = draw(kinds, seed, draws)
    return drawn, empty + [wrong for wrong in map(fault, drawn) if wrong]


def main() -> int:
    """Print what is wrong, and how much was looked at."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site", type=Path)
    parser.add_argument("files", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--draws", type=int, default=150)
    given = parser.parse_args()
    drawn, wrong = audit(given.site, given.files, given.seed, given.draws)
    print("\n".join([*wrong, f"{len(drawn)} figures, {len(wrong)} wrong (seed {given.seed})"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
