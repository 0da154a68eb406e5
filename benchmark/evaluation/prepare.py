"""From places that a user names to a suite that can be run: looked at, judged, written down in the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.contracts.progress import Progress
from benchmark.datasets.brought import Brought
from benchmark.datasets.given import Given
from benchmark.errors import UserError, nearest
from benchmark.evaluation import counting, looking, place, seen, writing
from benchmark.evaluation.looking import Looked, Part
from benchmark.evaluation.parts import Parts
from benchmark.evaluation.writing import Wishes
from benchmark.protocol import named
from benchmark.registry import discovery, variants
from benchmark.suite import catalogue
from benchmark.suite.schema import Suite


@dataclass(frozen=True)
class Places:
    """What a user names."""

    synthetic: Path
    real: Path | None
    """None where a suite's own real images are meant."""
    train: Path | None
    tables: Mapping[Part, Path | None]
    """Tables of labels that lie elsewhere."""

    def look(self, *, duplicates: bool, progress: Progress) -> list[Looked]:
        """Return what was seen of all images at the places.

        Args:
            duplicates: Whether a synthetic image with the pixels of one before it counts as one that cannot be used.
            progress: Is told how far it is.

        Raises:
            UserError: As `looking.look` does.
        """
        named: list[tuple[Part, Path | None]] = [
            ("synthetic", self.synthetic), ("real", self.real), ("train", self.train)
        ]  # fmt: skip
        return [
            looking.look(part, where, labels=self.tables.get(part), progress=progress,
                         duplicates=duplicates and part == "synthetic")
            for part, where in named
            if where is not None
        ]  # fmt: skip


@dataclass(frozen=True)
class Prepared:
    """What is to be run."""

    suite: str
    """A suite's name, or the file that was written."""
    registry: Path
    data_root: Path | None
    """None where it is for the user to name."""
    generators: tuple[str, ...]
    notes: tuple[str, ...]


def check(wishes: Wishes, suite: str | None, registries: Sequence[Path]) -> None:
    """Refuse what a user cannot have before thousands of images are looked at.

    Raises:
        UserError: If the row's name is none, is that of a variant, or a suite, an extractor or the protocol is unknown.
    """
    variants.check_name(wishes.name, where="--name")
    if suite is not None:
        catalogue.read(suite)
    known = variants.Catalogue.discover(registries)
    if wishes.name in known.names():
        raise UserError(f"'{wishes.name}' is a variant already. Give these images another name: --name NAME.")
    for name in wishes.extractors:
        known.extractors.get(name)
    if wishes.protocol not in named.everything():
        raise UserError(
            f"--protocol {wishes.protocol}: no such protocol. {nearest(wishes.protocol, named.everything())}"
        )
    if suite is None and not named.everything()[wishes.protocol].protocol.size:
        raise UserError(
            f"--protocol {wishes.protocol} has no common size, which images made elsewhere are measured at. Take "
            "clean; or write a suite that has this protocol, and name it: --suite FILE."
        )


def refuse_bad(sets: Sequence[Looked]) -> None:
    """Refuse images of which some cannot be used.

    Raises:
        UserError: With each by name.
    """
    if not any(one.bad for one in sets):
        return
    raise UserError(
        "\n".join(
            [
                *(line for one in sets for line in seen.bad_lines(one)),
                "Mend them or take them out; or leave them out of this evaluation: --bad skip. Its record names them.",
                *seen.advice_on_duplicates(sets),
            ]
        )
    )


def for_real_images(sets: Sequence[Looked], places: Places, wishes: Wishes, base: Path) -> Prepared:
    """Write down the suite by which a set is measured against real images that a user names.

    Raises:
        UserError: If classes or sizes do not belong together, more images are asked for than there are, or too few real
            ones are there.
    """
    by_part = {one.part: one for one in sets}
    synthetic, real, train = by_part["synthetic"], by_part["real"], by_part.get("train")
    unlabelled = [one for one in sets if not one.found.is_labelled]
    params = _params(sets, labelled=not unlabelled)
    with place.staged(base) as staging:
        root = staging / place.DATA
        place.link(root, [one for one in sets if one is not synthetic], places.tables)
        given = Given(**params)
        layout, parts = given.layout(root), Parts.of(given, root, real, train)
        means = {} if unlabelled else counting.meanings(
            synthetic, layout.classes, wishes.names, ordered=False
        )  # fmt: skip
        shares = {} if unlabelled else counting.shares(synthetic, layout.classes, means)
        learnt = sum(count > 0 for count in shares.values()) > 1
        parts.require(real.place, learnt=learnt)
        counted = counting.count(synthetic, parts.floor(), wishes.n)
        shared = parts.shared()
        params = {**params, "told": [*params["told"], *shared]}
        suite = writing.suite(
            real, train, wishes=wishes, size=wishes.size or min(synthetic.side, layout.side), n=counted.n,
            real_n=len(parts.images["train"]), has_floor=counted.has_floor, dataset=params, learnt=learnt,
        )  # fmt: skip
        told = writing.told_of(synthetic, counted.n, seen.copies(sets), [name for name in shares if not shares[name]])
        entry = writing.entry(
            synthetic, table=places.tables.get("synthetic"), labelled=not unlabelled, names=means, shares=shares,
            told=told,
        )  # fmt: skip
        written = place.write(
            staging, suite=suite, entries={wishes.name: entry}, seen=seen.plain(sets),
            name=f"{suite['name']}-{wishes.name}",
        )  # fmt: skip
    notes = (
        *seen.warnings(sets), *seen.cautions(sets), *shared, *_of_meanings(means),
        *([counted.note] if counted.note else []), *_of_classes(unlabelled, shares),
    )  # fmt: skip
    return Prepared(
        str(written / f"{suite['name']}.yaml"), written / place.REGISTRY, written / place.DATA,
        tuple(suite["variants"]), notes,
    )  # fmt: skip


def _params(sets: Sequence[Looked], *, labelled: bool) -> dict[str, Any]:
    """Return the parameters of the dataset of real images, but for what only its parts tell."""
    skip = {one.part: one.skip for one in sets if one.bad and one.part != "synthetic"}
    told: dict[str, Any] = {"told": seen.cautions(sets)}
    return {**told, **({} if labelled else {"labelled": False}), **({"skip": skip} if skip else {})}


def for_suite(
    synthetic: Looked, places: Places, wishes: Wishes, base: Path, *, suite: str, data_root: Path | None
) -> Prepared:
    """Write down the entry by which a set joins a suite that is there already, beside the controls that bound it.

    Raises:
        UserError: If there is no such suite, or the set has a class that its real images lack.
    """
    entered = catalogue.read(suite)
    # Without the real images, which an imported reference may stand in for, there is nothing to hand out.
    has_images = data_root is not None or discovery.datasets().load(entered.dataset.name).made
    wanted = (counting.FLOOR, writing.CEILING) if has_images else (writing.CEILING,)
    controls = [name for name in wanted if name in entered.variants]
    means = dict(wishes.names)
    if synthetic.found.is_labelled and (classes := _classes_of(entered, data_root)):
        means = counting.meanings(synthetic, classes, wishes.names, ordered=_is_ordered(entered))
    entry = writing.entry(
        synthetic, table=places.tables.get("synthetic"), labelled=synthetic.found.is_labelled, names=means,
        shares={}, told=writing.told_of(synthetic, None, {}, ()),
    )  # fmt: skip
    with place.staged(base) as staging:
        written = place.write(
            staging, suite=None, entries={wishes.name: entry}, seen=seen.plain([synthetic]),
            name=f"{entered.name}-{wishes.name}",
        )  # fmt: skip
    notes = _of_meanings(means) if synthetic.found.is_labelled else _of_classes([synthetic], {})
    return Prepared(suite, written / place.REGISTRY, None, (wishes.name, *controls), notes)


def _classes_of(suite: Suite, data_root: Path | None) -> tuple[str, ...]:
    """Return the classes of a suite's real images; none where only their files would tell, and they are not here."""
    dataset = discovery.datasets().load(suite.dataset.name)(**suite.dataset.params)
    try:
        found: tuple[str, ...] = dataset.layout(data_root or Path()).classes
    except UserError:
        return ()
    return found


def _is_ordered(suite: Suite) -> bool:
    """Return whether the order of a suite's classes is somebody's: a release's, or that of the suite's own list."""
    brought = issubclass(discovery.datasets().load(suite.dataset.name), Brought)
    return not brought or "classes" in suite.dataset.params


def _of_meanings(means: Mapping[str, str]) -> tuple[str, ...]:
    """Return what labels were taken for, where that is another word."""
    other = [f"'{label}' for '{name}'" for label, name in means.items() if label != name]
    return (f"Labels of the synthetic images are taken {', '.join(other)}.",) if other else ()


def _of_classes(unlabelled: Sequence[Looked], shares: Mapping[str, int]) -> tuple[str, ...]:
    """Return what is to be said where a classifier has nothing to learn."""
    if unlabelled:
        return tuple(
            f"Nothing tells the classes of the {looking.PARTS[one.part]} images ({one.place}): what a classifier "
            "learns from the set (tstr) is not measured."
            for one in unlabelled
        )
    there = [name for name, count in shares.items() if count]
    if len(there) < 2:
        return ("The synthetic images are of one class: what a classifier learns from them (tstr) is not measured.",)
    missing = [name for name in shares if name not in there]
    return (
        f"No synthetic image is of {', '.join(missing)}: a classifier that learns from them does not know of it.",
    ) * bool(missing)
