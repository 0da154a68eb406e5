"""Real images in the place of synthetic ones: which, in which order, and what happens when they run out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmark.contracts.generator import Requests
from benchmark.contracts.images import ArraySource, Images
from benchmark.errors import UserError
from generators.controls.real import Real


@pytest.fixture
def many() -> Images:
    """Images that tell which they are: 700, of three classes of unequal size, in no order."""
    rng = np.random.default_rng(3)
    labels = rng.permutation(np.repeat([0, 1, 2], [400, 250, 50]))
    pixels = np.zeros((700, 4, 4, 3), np.uint8)
    pixels[:, 0, 0, 0], pixels[:, 0, 0, 1] = np.arange(700) // 256, np.arange(700) % 256
    # Every second row of the source, from the last to the first.
    source = ArraySource(np.repeat(pixels[::-1], 2, axis=0))
    return Images(source, np.arange(1398, -1, -2), labels, ("a", "b", "c"), None, "many")


def numbers(images):
    """Which image of `many` each is."""
    return images[:, 0, 0, 0].astype(int) * 256 + images[:, 0, 0, 1]


def asked(labels, classes=("a", "b", "c")):
    labels = np.asarray(labels, np.int64)
    ranks = np.array([int((labels[:place] == label).sum()) for place, label in enumerate(labels)])
    return Requests(np.arange(len(labels)), labels, np.arange(len(labels)) + 9, ranks, classes)


def of_role(context, **roles):
    return replace(context, _images={role: lambda images=images: images for role, images in roles.items()})


def test_each_image_comes_once_under_its_own_label(draw, context, many):
    """All 700 asked for, in an order of labels that is not theirs: each comes, none twice."""
    labels = np.sort(many.labels)[::-1]
    found = numbers(draw(Real(), asked(labels), of_role(context, floor=many)).images)
    assert sorted(found) == list(range(700))
    assert many.labels[found].tolist() == labels.tolist()


def test_a_part_gets_the_same_images_as_the_whole(draw, context, many):
    """Wherever it begins, and though the whole goes through in several batches."""
    requests, context = asked(many.labels[:600]), of_role(context, floor=many)
    whole = draw(Real(), requests, context).images
    for start, stop in ((0, 1), (250, 260), (511, 600)):
        assert np.array_equal(whole[start:stop], draw(Real(), requests.part(start, stop), context).images)


def test_slides_come_with_their_images(context, many):
    """Where they are known; nothing is told where they are not."""
    requests, slides = asked(many.labels[:300]), np.array([f"s{place % 9}" for place in range(700)])
    known = replace(many, slides=slides)
    batches = list(Real().sample(requests, of_role(context, floor=known)))
    found = np.concatenate([numbers(batch.images) for batch in batches])
    assert [slide for batch in batches for slide in batch.slides] == slides[found].tolist()
    assert all(batch.slides is None for batch in Real().sample(requests, of_role(context, floor=many)))


def test_the_order_is_the_seeds(draw, context, many):
    """Another seed hands out others first, and neither hands them out as they lie."""
    context = of_role(context, floor=many)
    requests = asked([0] * 100)
    found = [numbers(draw(Real(), requests, replace(context, seed=seed)).images).tolist() for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]
    assert found[0] != sorted(found[0])
    # Drawn from all 400, not from the first hundred.
    assert np.flatnonzero(many.labels == 0).tolist().index(max(found[0])) > 300


def test_images_are_of_the_role_named(draw, context, many, images):
    """And of no other that is there."""
    context = of_role(context, floor=images, holdout=many)
    found = draw(Real(role="holdout"), asked([2, 1]), context).images
    assert many.labels[numbers(found)].tolist() == [2, 1]


def test_a_role_that_is_not_declared_is_refused(draw, context, many):
    """The entry has to say what it reads."""
    with pytest.raises(UserError, match="asked for 'holdout', but its entry does not declare it. Add it under 'reads'"):
        draw(Real(role="holdout"), asked([0]), of_role(context, floor=many))


def test_images_that_run_out_are_told(draw, context, many):
    """Fifty of the third class are there; the first request beyond them is named."""
    with pytest.raises(UserError) as raised:
        draw(Real(), asked([0, 1] + [2] * 51), of_role(context, floor=many))
    assert str(raised.value) == (
        "Role 'floor' holds 50 images of 'c', but the suite asks for more (image 52). "
        "Lower the suite's n or widen the role."
    )


def test_nothing_is_learnt(context, images):
    """A fit leaves no file."""
    Real().fit(images, context)
    assert not list(context.folder.iterdir())
