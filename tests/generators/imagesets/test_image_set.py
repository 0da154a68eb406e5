"""Images someone has already, by their labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmark.contracts import generator
from benchmark.contracts.generator import Requests
from benchmark.errors import UserError
from generators.imagesets.image_set import ImageSet

LABELS = ["cancer", "cancer", "healthy", "cancer", "healthy"]


@pytest.fixture
def given(context):
    """A context whose weights are places on disk."""
    return lambda **places: replace(context, _weights={name: lambda at=at: at for name, at in places.items()})


def asked(labels) -> Requests:
    labels = np.asarray(labels, np.int64)
    ranks = np.array([int((labels[:place] == label).sum()) for place, label in enumerate(labels)])
    return Requests(np.arange(len(labels)), labels, np.arange(len(labels)) + 9, ranks, ("healthy", "cancer"))


def levels(drawn) -> list[int]:
    return drawn.images[:, 0, 0, 0].tolist()


def test_each_request_gets_an_image_of_its_label(draw, given, folder):
    """Each once, in any order of labels, and without a slide: nobody knows where it is from."""
    context, requests = given(images=folder()), asked([1, 0, 1, 1, 0])
    found = levels(draw(ImageSet(), requests, context))
    assert sorted(found) == [20, 21, 200, 201, 202]
    assert [int(level > 100) for level in found] == [1, 0, 1, 1, 0]
    assert all(batch.slides is None for batch in ImageSet().sample(requests, context))


def test_seeds_change_nothing_and_parts_get_what_the_whole_gets(draw, given, folder):
    """A set is one draw."""
    context, requests = given(images=folder()), asked([1, 0, 1, 1, 0])
    made = ImageSet()
    whole = levels(draw(made, requests, context))
    assert levels(draw(made, requests, replace(context, seed=99))) == whole
    other = replace(requests, seeds=requests.seeds + 5)
    assert levels(draw(ImageSet(), other.part(2, 4), context)) == whole[2:4]


def test_files_are_opened_once(draw, given, folder):
    """The context hashes them each time it is asked; shards share an object."""
    place, opened = folder(), []
    context = replace(given(), _weights={"images": lambda: opened.append(1) or place})
    made = ImageSet()
    for _ in range(3):
        draw(made, asked([1, 0]), context)
    assert len(opened) == 1


def test_a_table_is_used_where_the_entry_names_one(draw, given, file, tmp_path):
    """Beside the images."""
    table = tmp_path / "labels.csv"
    table.write_text("label\n" + "\n".join(LABELS))
    found = levels(draw(ImageSet(), asked([0, 0, 1]), given(images=file(".npy"), labels=table)))
    assert [level < 100 for level in found] == [True, True, False]


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ([1, 1, 0, 1, 0], {}),
        (["tumor", "tumor", "healthy", "tumor", "healthy"], {"tumor": "cancer"}),
        ([0, 0, 1, 0, 1], {"0": "cancer", "1": "healthy"}),
        ([7, 7, 3, 7, 3], {"7": "1", "3": "0"}),
    ],
)
def test_labels_may_be_numbers_or_go_by_other_names(draw, given, file, labels, names):
    """The dataset's numbers, unless the entry says what they are."""
    found = levels(draw(ImageSet(names=names), asked([0, 0, 1, 1, 1]), given(images=file(".npz", labels))))
    assert [level > 100 for level in found] == [False, False, True, True, True]


@pytest.mark.parametrize("labels", [["cancer", "cancer", "odd", "cancer", "odd"], [1, 1, 2, 1, 2], [-1, 1, 1, 1, 1]])
def test_a_label_the_dataset_does_not_know_is_refused(draw, given, file, labels):
    """With those of the set and of the dataset, and how to say which it is."""
    with pytest.raises(UserError, match=r"is no class of the dataset \(healthy, cancer\). Say"):
        draw(ImageSet(), asked([1]), given(images=file(".npz", labels)))


def test_too_few_images_of_a_label_are_told_with_all_counts(draw, given, folder):
    """Three are asked for, two are there."""
    place = folder()
    with pytest.raises(UserError) as raised:
        draw(ImageSet(), asked([0, 1, 0, 0]), given(images=place))
    assert str(raised.value) == (
        "The image set (2 of 'healthy', 3 of 'cancer') holds 2 images of 'healthy', but the suite asks for more "
        "(image 3). Lower the suite's n or bring more images."
    )


def test_a_set_without_labels_is_refused(draw, given, file):
    """With what to do."""
    with pytest.raises(UserError, match=r"has no labels. Put each image into the folder of its class, name a table"):
        draw(ImageSet(), asked([1]), given(images=file(".npy")))


def test_an_entry_that_names_no_images_is_told(draw, given):
    """The shipped one, run as it is."""
    with pytest.raises(
        UserError, match="asked for 'images', but its entry does not declare it. Add it under 'weights'"
    ):
        draw(ImageSet(), asked([1]), given())


def test_it_draws_by_label_and_learns_nothing(context, images):
    """Tasks that need labels may use it."""
    assert generator.is_labelled(ImageSet)
    ImageSet().fit(images, context)
    assert not list(context.folder.iterdir())
